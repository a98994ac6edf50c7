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
_READINGS: Final = 5
"""Readings of which the quickest is the first one."""


def _offset() -> tuple[float, float]:
    """Return by how much the wall clock is ahead of ours, and by how much too much that may be.

    A process that waits for a processor between two readings reads the second clock late.
    """
    before = clock()
    wall = time.time()
    return wall - before, clock() - before


@dataclass(slots=True)
class WallClock:
    """Tells the core of every step of the wall clock: no timer depends on it, time stamps do."""

    offset: float = -inf

    def steps(self) -> list[ClockSet]:
        """Return the first reading, and later only what is no jitter of reading two clocks."""
        offset, doubt = _offset()
        if abs(offset - self.offset) < CLOCK_STEP + doubt:
            return []
        self.offset = offset
        return [ClockSet(offset)]


class UnixTime:
    """Moments of our clock as Unix seconds, in their order: one moment is the same whenever it is asked for.

    Two clocks cannot be read at once, so their difference is renewed only where it has really changed.
    """

    def __init__(self) -> None:
        self._offset, _ = min((_offset() for _ in range(_READINGS)), key=lambda reading: reading[1])

    def of(self, at: float) -> float:
        """Return the Unix time of a moment of the clock of both processes."""
        offset, doubt = _offset()
        if abs(offset - self._offset) >= _JITTER + doubt:
            self._offset = offset
        return self._offset + at
