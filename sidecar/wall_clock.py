"""The wall clock, which people and other hosts set: read beside ours, so that its steps are known."""

import time
from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.clock import clock
from sidecar.core.events import ClockSet

CLOCK_STEP: Final = 0.05
"""Seconds by which the wall clock must have moved against the other to count as set."""
_JITTER: Final = 0.01
"""Seconds by which two readings of both clocks may differ although nobody has set one."""


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


@dataclass(slots=True)
class UnixTime:
    """Moments of our clock as Unix seconds, in their order: one moment is the same whenever it is asked for.

    Two clocks cannot be read at once, so their difference is renewed only where it has really changed.
    """

    _offset: float = -inf

    def of(self, at: float) -> float:
        """Return the Unix time of a moment of the clock of both processes."""
        offset = time.time() - clock()
        if abs(offset - self._offset) >= _JITTER:
            self._offset = offset
        return self._offset + at
