"""When two masters, or none, are certain. Pure.

Hosts are not asked at the same moment: a VIP that moves in between is seen on both, or on none. So such a
verdict counts once each host of the router was asked again, a second after it was first seen.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sidecar.cli.fleet.targets import Target
from sidecar.cli.fleet.verdicts import Judged, Key, worst_first

AGAIN_AFTER: Final = 1.0
"""Seconds."""


class Doubts:
    """Verdicts that were seen and are not certain yet, from one judgement to the next."""

    def __init__(self) -> None:
        self._began: dict[Key, float] = {}
        self._certain: dict[Key, Judged] = {}

    def weigh(
        self, judged: Iterable[Judged], asked_at: Callable[[Target], float], now: float
    ) -> tuple[tuple[Judged, ...], frozenset[Target]]:
        """Return what may be shown, and the hosts to be asked now.

        `asked_at`: when the question was asked that a target has answered. Instead of a verdict that is not
        certain the last one is shown that was, if there is one.
        """
        began: dict[Key, float] = {}
        shown: dict[Key, Judged] = {}
        again: set[Target] = set()
        for each in judged:
            shown[each.key] = each
            if not each.doubtful:
                continue
            first = began[each.key] = self._began.get(each.key, now)
            targets = [answer.target for answer in each.answers]
            if all(asked_at(target) >= first + AGAIN_AFTER for target in targets):
                continue
            shown[each.key] = self._certain.get(each.key, each)
            if now == first or now >= first + AGAIN_AFTER:
                again.update(targets)
        self._began, self._certain = began, shown
        return worst_first(shown.values()), frozenset(again)
