"""Two hosts hold the VIP together no longer than the bound: the kernels' truth."""

from functools import partial
from math import inf

from tests.sim.host.host import Host
from tests.sim.monitors.history import History


class Overlap:
    """`bound` in seconds, infinite while the network is cut."""

    def __init__(self, history: History, bound: float) -> None:
        self._history = history
        self._bound = bound
        self._since: dict[tuple[int, int], float] = {}

    def recount(self, holders: list[Host]) -> None:
        """These hosts hold the VIP now."""
        now = self._history.now
        pairs = {(a.number, b.number) for a in holders for b in holders if a.number < b.number}
        for pair in [pair for pair in self._since if pair not in pairs]:
            del self._since[pair]
        for pair in pairs:
            if pair not in self._since and self._bound < inf:
                self._since[pair] = now
                self._history.timeline.after(self._bound, partial(self._judge, pair, now))

    def _judge(self, pair: tuple[int, int], since: float) -> None:
        if self._since.get(pair) == since:
            self._history.fail("overlap", f"hosts {pair} hold the VIP together since {since:.3f}")
