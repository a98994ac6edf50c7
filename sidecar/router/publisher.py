"""How things stand, for whoever shows it: pictures and totals that changed, and a pulse after them.

Nothing of it is made while nobody looks and no state changes: 255 pictures take longer than an advert may
be late.
"""

from collections.abc import Hashable
from typing import Final, Protocol

from sidecar.channel.down import CheckShown, Down, Pulse, RouterProcess, RouterShown
from sidecar.channel.send_queue import Importance
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.router.tallies import Tallies

SPACING: Final = 0.05
"""Seconds between two pulses at least, however often somebody looks."""
COUNTED: Final = 1000
"""Totals a second that are told on average: those of many routers come with a later pulse."""
FEW: Final = 200
"""Totals that are told with any pulse for which they are wanted."""


class MessageListener(Protocol):
    """The receiver of messages."""

    @property
    def attended(self) -> bool:
        """Whether somebody reads what is told, and has read everything so far."""

    def tell(self, message: Down, importance: Importance, key: Hashable | None = None) -> None:
        """Tell it. A message with the same key that still waits is replaced."""


class Publisher:
    """Remembers what was told. `forget` when nobody knows it any more."""

    def __init__(self, talk: MessageListener, tallies: Tallies, started_at: float) -> None:
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

    def pulse(
        self, snapshot: Snapshot, process: RouterProcess, answers: int = 0, *, totals: bool = False
    ) -> None:
        """Tell what changed, the totals if they are wanted, and then that this is all until now."""
        # Not while nobody reads: totals would only wait, and be old.
        count = totals and self._talk.attended and snapshot.at >= self._count_at
        self._show(snapshot)
        if count:
            self._count_at = snapshot.at + max(0, self.count() - FEW) / COUNTED
        pulse = Pulse(
            snapshot.at,
            self._started_at,
            snapshot.stopping,
            process,
            self.reload_failed,
            snapshot.drained_until,
            answers,
        )
        self._talk.tell(pulse, Importance.STATE, "pulse")

    def count(self) -> int:
        """Tell the totals that changed. Return their number."""
        number = 0
        for totals in self._tallies.untold():
            number += len(totals.counters) + len(totals.histograms)
            self._talk.tell(totals, Importance.VITAL)
        return number

    def _show(self, snapshot: Snapshot) -> None:
        for index, router in enumerate(snapshot.routers):
            if self._routers.get(index) != router:
                self._routers[index] = router
                self._talk.tell(RouterShown(index, router), Importance.STATE, ("router", index))
        for index, check in enumerate(snapshot.checks):
            if self._checks.get(index) != check:
                self._checks[index] = check
                self._talk.tell(CheckShown(index, check), Importance.STATE, ("check", index))
