"""SENSE: probes observe and report. What a result means is decided in the core, never here."""
