"""How things stand, for whoever shows it: pictures that changed, totals, and a pulse.

A picture is told when something in it changed that people look for. Times of the last advert and the like
change with every packet: they are told with the pulse, as are totals.
"""

from collections.abc import Hashable
from dataclasses import replace
from typing import Final, Protocol

from sidecar.channel.down import CheckShown, Down, Pulse, RouterProcess, RouterShown
from sidecar.channel.send_queue import Importance
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.router.tallies import Tallies

PULSE: Final = 0.5
"""Seconds between two pulses."""
SPACING: Final = 0.05
"""Seconds between two looks at what changed, at least."""
COUNTED: Final = 1000
"""Totals a second that are told on average: those of many routers wait for more than one pulse."""


class Listener(Protocol):
    """The receiver of messages."""

    @property
    def attended(self) -> bool:
        """Whether somebody reads what is told, and has read everything so far."""

    def tell(self, message: Down, importance: Importance, key: Hashable | None = None) -> None:
        """Tell it. A message with the same key that still waits is replaced."""


class Publisher:
    """Remembers what was told. `forget` when nobody knows it any more."""

    def __init__(self, talk: Listener, tallies: Tallies, started_at: float) -> None:
        self._talk = talk
        self._tallies = tallies
        self._started_at = started_at
        self._count_at = started_at
        self.reload_failed = ""
        """Why the last reload was refused, "" if it was not."""
        self._routers: dict[int, RouterSnapshot] = {}
        self._checks: dict[int, CheckSnapshot] = {}

    def forget(self) -> None:
        """Forget what was told: the observer that knew it is gone."""
        self._routers.clear()
        self._checks.clear()
        self._tallies.tell_all()

    def show(self, snapshot: Snapshot, *, times: bool = False) -> None:
        """Tell what changed; with `times`, also what changed in nothing but times and counts."""
        for index, router in enumerate(snapshot.routers):
            told = self._routers.get(index)
            if told != router and (times or told is None or _timeless(told) != _timeless(router)):
                self._routers[index] = router
                self._talk.tell(RouterShown(index, router), Importance.STATE, ("router", index))
        for index, check in enumerate(snapshot.checks):
            seen = self._checks.get(index)
            if seen != check and (times or seen is None or seen.up is not check.up):
                self._checks[index] = check
                self._talk.tell(CheckShown(index, check), Importance.STATE, ("check", index))

    def pulse(self, snapshot: Snapshot, process: RouterProcess) -> None:
        """Tell that the router lives, everything that changed, and the totals."""
        drained = snapshot.drained_until
        pulse = Pulse(snapshot.at, self._started_at, snapshot.stopping, process, self.reload_failed, drained)
        if snapshot.stopping:
            # First: a router in INIT that is not known to be asked to stop looks like a fault.
            self._talk.tell(pulse, Importance.STATE, "pulse")
        self.show(snapshot, times=True)
        if not snapshot.stopping:
            self._talk.tell(pulse, Importance.STATE, "pulse")
        # Not while nobody reads: totals would only wait, and be old.
        if snapshot.at >= self._count_at and self._talk.attended:
            self._count_at = snapshot.at + self.count() / COUNTED

    def count(self) -> int:
        """Tell the totals that changed. Return their number."""
        number = 0
        for totals in self._tallies.untold():
            number += len(totals.counters) + len(totals.histograms)
            self._talk.tell(totals, Importance.VITAL)
        return number


def _timeless(router: RouterSnapshot) -> RouterSnapshot:
    master = None if router.master is None else replace(router.master, heard_at=0.0)
    mismatches = tuple(replace(each, heard_at=0.0, adverts=0) for each in router.mismatches)
    return replace(router, master=master, mismatches=mismatches, waits_since=0.0)
