"""REPORT: reads snapshots and reports, never calls into the core."""
