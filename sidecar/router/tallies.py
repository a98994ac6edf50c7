"""Events that are too frequent for a message each: counted here, sent as totals."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from sidecar.channel.down import TOTALS, CounterTotal, HistogramTotal, Totals
from sidecar.channel.tables import BUCKETS

_Key = tuple[str, tuple[str, ...]]
_OF_THE_HOST: Final = frozenset({"errors_total", "timer_lateness_seconds"})
"""All others have the router as their first label."""


class Tallies:
    """Counters and histograms since this process began, and which of them nobody was told of yet."""

    def __init__(self) -> None:
        self._counters: dict[_Key, int] = {}
        self._buckets: dict[_Key, list[int]] = {}
        self._seconds: dict[_Key, float] = {}
        self._untold: dict[_Key, None] = {}

    def count(self, name: str, *labels: str, amount: int = 1) -> None:
        """Add to a counter. `labels` are in the order of the table of metrics."""
        key = (name, labels)
        self._counters[key] = self._counters.get(key, 0) + amount
        self._untold[key] = None

    def observe(self, name: str, *labels: str, seconds: float) -> None:
        """Add an observation to a histogram."""
        key, bounds = (name, labels), BUCKETS[name]
        buckets = self._buckets.get(key)
        if buckets is None:
            buckets = self._buckets[key] = [0] * (len(bounds) + 1)
            self._seconds[key] = 0.0
        buckets[bisect_left(bounds, seconds)] += 1
        self._seconds[key] += seconds
        self._untold[key] = None

    def keep(self, routers: Iterable[str]) -> None:
        """Forget what was counted of other routers: they are gone, and would be counted for ever."""
        here = {*routers, ""}
        gone = {
            key
            for key in (*self._counters, *self._buckets)
            if key[0] not in _OF_THE_HOST and key[1][0] not in here
        }
        for key in gone:
            for each in (self._counters, self._buckets, self._seconds, self._untold):
                each.pop(key, None)

    def tell_all(self) -> None:
        """Nobody knows anything: everything is to be told again."""
        self._untold = dict.fromkeys((*self._counters, *self._buckets))

    def untold(self) -> Iterator[Totals]:
        """Yield messages with everything that has changed since it was told; then it counts as told."""
        keys, self._untold = list(self._untold), {}
        for first in range(0, len(keys), TOTALS.number):
            some = keys[first : first + TOTALS.number]
            yield Totals(
                tuple(CounterTotal(*key, self._counters[key]) for key in some if key in self._counters),
                tuple(
                    HistogramTotal(*key, tuple(self._buckets[key]), self._seconds[key])
                    for key in some
                    if key in self._buckets
                ),
            )
