"""SENSE: one file per kind of probe, one function each, no thresholds inside."""
