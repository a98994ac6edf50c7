"""What the monitors have seen, and share: the hosts, a record of each, all transitions, and the trace."""

from typing import NoReturn

from sidecar.core.actions import Transition
from sidecar.core.address import Address
from sidecar.core.snapshot import Snapshot
from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.monitors.record import Record
from tests.sim.timeline import Timeline
from tests.sim.violation import Violation


class History:
    """`rogues` are the senders whose packets are all refused; `trace`, if given, takes what is seen."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.hosts: list[Host] = []
        self.transitions: list[tuple[float, int, Transition]] = []
        self.rogues: frozenset[Address] = frozenset()
        self.trace: list[str] | None = None
        self._records: dict[int, Record] = {}
        self._pictures: dict[int, str] = {}

    @property
    def now(self) -> float:
        """True time."""
        return self.timeline.now

    def add(self, host: Host) -> None:
        """A host exists."""
        self.hosts.append(host)
        self._records[host.number] = Record()

    def of(self, host: Host) -> Record:
        """Return what is remembered of a host."""
        return self._records[host.number]

    def transition(self, host: Host, transition: Transition) -> None:
        """A host has changed its state."""
        self.note(host, transition)
        self.transitions.append((self.now, host.number, transition))
        record = self.of(host)
        record.moves += 1
        record.master = transition.new is State.MASTER

    def note(self, host: Host, what: object) -> None:
        """Add one line to the trace."""
        if self.trace is not None:
            self.trace.append(f"{self.now!r} {host.number} {what!r}")

    def note_snapshot(self, host: Host, snapshot: Snapshot) -> None:
        """Add what a host says of itself to the trace, where that has changed."""
        picture = _picture(snapshot)
        if self._pictures.get(host.number) != picture:
            self._pictures[host.number] = picture
            self.note(host, picture)

    def fail(self, monitor: str, detail: str) -> NoReturn:
        """Say that a promise was broken, now."""
        raise Violation(monitor, self.now, detail)


def _picture(snapshot: Snapshot) -> str:
    """Everything that a snapshot shows, without the moment and without the times of checks' results."""
    checks = [(check.name, check.kind, check.up, check.detail) for check in snapshot.checks]
    return f"{snapshot.routers!r} {checks!r} {snapshot.stopping}"
