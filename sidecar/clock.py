"""The one clock of the sidecar: what every time, deadline and lease is measured with."""

import time


def clock() -> float:
    """Return the seconds since boot, those of a suspended host included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
