"""Virtual time: a heap of (time, order of asking, what to do). Nothing here sleeps."""

from collections.abc import Callable
from heapq import heappop, heappush


class Timeline:
    """True time in seconds. Two things due at one moment happen in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Do it at `when`, or now if that is past."""
        self._order += 1
        heappush(self._heap, (max(when, self.now), self._order, do))

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do it `seconds` from now."""
        self.at(self.now + seconds, do)

    def run_until(self, end: float) -> None:
        """Let time pass."""
        while self._heap and self._heap[0][0] <= end:
            self.now, _, do = heappop(self._heap)
            do()
        self.now = end
