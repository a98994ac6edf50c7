"""Exit codes of the command, the same for every verb. Imports nothing: the health check waits for it."""

OK = 0
DEGRADED = 1
BROKEN = 2
"""Wrong usage or configuration, or a fault: nobody known holds the VIP, or this host cannot."""
UNREACHABLE = 3
