"""The command line. Subcommands import what they need when they need it."""
