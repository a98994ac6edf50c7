"""Everything that is known of one virtual router at one moment."""

from dataclasses import dataclass
from typing import Final

from sidecar.core.health.params import CheckParams
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.params import skew
from sidecar.core.router.peers import serves
from sidecar.core.snapshot import MasterSeen, RouterSnapshot, Wait
from sidecar.core.state import State
from sidecar.plan.rules import RouterRules
from sidecar.telemetry.status_store import View

SHORTEST_AGE: Final = 0.5
"""Seconds of the interval below which the age of the last advert is not told: the next one is there."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A check of a router: its rules, and its picture."""

    rules: CheckParams
    seen: CheckSnapshot


@dataclass(frozen=True, slots=True)
class Subject:
    """The router, its rules and its checks. `view` is the whole of which they are a part."""

    view: View
    router: RouterSnapshot
    rules: RouterRules
    checks: tuple[Watched, ...]

    @property
    def interval(self) -> float:
        """Seconds between two adverts of this host."""
        return self.rules.interval_cs / 100

    @property
    def master(self) -> MasterSeen | None:
        """The other host that serves and is expected to go on (router/outlook.py)."""
        router, heard = self.router, self.router.master
        if router.state is State.MASTER or heard is None or router.contention.wait is Wait.AFTER_US:
            return None
        return heard if serves(heard, router.contention.interval, self.view.snapshot.at) else None

    @property
    def timely(self) -> bool:
        """Whether adverts come so slowly that the age of the last one says something."""
        return self.router.contention.interval >= SHORTEST_AGE

    @property
    def moving(self) -> bool:
        """Whether a takeover is under way: decided, and waiting for the kernel."""
        return self.router.desired and self.router.state is not State.MASTER

    @property
    def skew(self) -> float:
        """Skew_Time of this host in seconds, as it is now."""
        router = self.router
        return skew(router.effective_priority, router.contention.interval, router.version)


def subject(view: View, router: RouterSnapshot) -> Subject | None:
    """Return what is known of a router; None for a moment during a reload, in which rules are missing."""
    rules = view.rules.of(router.name)
    if rules is None:
        return None
    seen = {check.name: check for check in view.snapshot.checks}
    watched = [(view.rules.check(name), seen.get(name)) for name in rules.checks]
    pairs = [(params, check) for params, check in watched if params is not None and check is not None]
    if len(pairs) < len(watched):
        return None
    return Subject(view, router, rules, tuple(Watched(params, check) for params, check in pairs))
