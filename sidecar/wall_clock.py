"""The wall clock, which people and other hosts set: read beside ours, so that its steps are known."""

import time
from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.clock import clock
from sidecar.core.events import ClockSet

CLOCK_STEP: Final = 0.05
"""Seconds by which the wall clock must have moved against the other to count as set."""


@dataclass(slots=True)
class WallClock:
    """Tells the core of every step of the wall clock: no timer depends on it, time stamps do."""

    offset: float = -inf

    def steps(self) -> list[ClockSet]:
        """Return the first reading, and later only what is no jitter of reading two clocks."""
        offset = time.time() - clock()
        if abs(offset - self.offset) < CLOCK_STEP:
            return []
        self.offset = offset
        return [ClockSet(offset)]
