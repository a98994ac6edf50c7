"""The configuration file: one YAML for all hosts, typed, every mistake with its position."""
