"""Turns of the router's loop in which a stall is noticed, however long the wait in them is.

A wait for the next advert may be longer than what is a stall elsewhere, and is none.
"""

from typing import Final

from sidecar.event_loop import EventLoop
from sidecar.stall import StallMeter, StallWatch

BUSY: Final = 0.55
"""Seconds that the work between two waits may take, or a short wait, before SLACK counts."""


class WatchedTurn:
    """For the thread of the loop."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._watch = StallWatch(BUSY, loop.clock)
        self._meter = StallMeter(self._watch)

    def __call__(self, until: float) -> None:
        """Take a turn that is over at that time at the latest, seconds since boot."""
        self._watch.beat(max(BUSY, self._loop.due(until) - self._loop.clock()))
        self._loop.turn(until)
        self._watch.beat(BUSY)

    def stalled(self) -> float:
        """Return the seconds of the stalls since the last call; 0: there was none."""
        return self._meter.news()
