"""The promised bounds, restated from the documents and not from the code under test. Seconds."""

LATE = 0.05
"""Lateness of the sidecar's own loop (J)."""
LAN = 0.02
"""Delay of the LAN (d)."""
KERNEL = 0.7
"""Lateness of the kernel when it expires an address."""
BUSY = 0.5
"""Grace of tests for a busy machine, on speed only; `bench` measures speed. Lab.grace adds to it."""
SLOWER = 6
"""How many times longer than on a quiet machine a test waits for what must come: waiting is no claim."""
WAKES = 3
"""Processes that wake one after the other until a change is seen: the host's, the peer's, the client's."""
HANDOVER = LAN + LATE + 0.2
"""While the better host preempts, two have the VIP for LAN + LATE; with grace for a busy machine."""
READD = 0.2
"""An address deleted by hand is back after this."""
QUICK = 0.3
"""Interval of tests that are not about 1 s or 100 ms: short, but a busy machine's naps are shorter."""
EXIT = 1.0
"""SIGTERM to exit."""


def skew(priority: int, interval: float) -> float:
    """Skew_Time."""
    return (256 - priority) / 256 * interval


def master_down(priority: int, interval: float) -> float:
    """Active_Down_Interval."""
    return 3 * interval + skew(priority, interval)


def lease(interval: float) -> int:
    """Valid lifetime of the VIP: whole seconds, at least 1, over before priority 254 takes over."""
    return max(1, int(master_down(254, interval) - KERNEL - LATE))
