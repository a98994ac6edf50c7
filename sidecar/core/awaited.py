"""Checks that came by a reload and have had no verdict: they must not make a host unfit that serves.

At the start it is the other way round: a host of which nothing is known contends below all others. So a check
is awaited only for a router that was there before and did not depend on it.
"""

from collections.abc import Iterable
from typing import Final

from sidecar.core.health.verdicts import CheckBelief
from sidecar.core.params import RouterParams

_NONE: Final[frozenset[str]] = frozenset()


class Awaited:
    """The awaited checks of each router. One that has had a verdict counts for good."""

    def __init__(self) -> None:
        self._checks: dict[str, frozenset[str]] = {}

    def exchange(self, kept: Iterable[tuple[RouterParams, RouterParams]], new_checks: frozenset[str]) -> None:
        """Routers that stay have other parameters. `new_checks`: those of which nothing is believed yet."""
        before = self._checks
        self._checks = {
            new.name: frozenset(
                check
                for check in new.checks
                if check in new_checks or check not in old.checks or check in before.get(old.name, ())
            )
            for old, new in kept
        }

    def of(self, router: str) -> frozenset[str]:
        """Return the names of those of a router."""
        return self._checks.get(router, _NONE)

    def restore(self, router: str, checks: Iterable[str]) -> None:
        """Await these checks of a router."""
        self._checks[router] = frozenset(checks)

    def counting(self, router: str, beliefs: list[CheckBelief]) -> list[CheckBelief]:
        """Return the checks, of those of a router, that count for it now."""
        if not (awaited := self._checks.get(router)):
            return beliefs
        awaited &= {each.params.name for each in beliefs if each.up is None}
        self._checks[router] = awaited
        return [each for each in beliefs if each.params.name not in awaited]
