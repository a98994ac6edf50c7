"""The LAN between the hosts: delay, loss, duplicates and cuts per direction. FIFO per direction."""

from collections import defaultdict
from collections.abc import Callable
from random import Random

from tests.sim.timeline import Timeline

DELAY = 0.02
"""Seconds a frame needs at most while nothing is wrong."""


class Lan:
    """Ports are numbered; `deliver` is called with (from, to, what) when something arrives."""

    def __init__(self, timeline: Timeline, rng: Random) -> None:
        self.cuts: set[tuple[int, int]] = set()
        self.loss: dict[tuple[int, int], float] = defaultdict(float)
        self.duplicates = 0.0
        self.delay = DELAY
        self._timeline, self._rng = timeline, rng
        self._last: dict[tuple[int, int], float] = defaultdict(float)

    def heal(self) -> None:
        """Nothing is wrong any more."""
        self.cuts.clear()
        self.loss.clear()
        self.duplicates = 0.0

    def send(self, way: tuple[int, int], deliver: Callable[[], None]) -> None:
        """Carry one frame, perhaps."""
        if way in self.cuts or (self.loss[way] and self._rng.random() < self.loss[way]):
            return
        copies = 2 if self.duplicates and self._rng.random() < self.duplicates else 1
        for _ in range(copies):
            arrival = max(self._timeline.now + self._rng.uniform(0.0001, self.delay), self._last[way])
            self._last[way] = arrival
            self._timeline.at(arrival, deliver)
