"""SENSE: probes observe and report. The core decides what a result means."""
