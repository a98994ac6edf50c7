"""What is overheard on the LAN: from packets that the router passes on to what is shown and logged.

It is for people alone: nothing of it reaches the router, so that nobody on the LAN moves a VIP by it.
"""

from collections.abc import Callable, Iterable
from math import inf
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.channel.down import Down, Noted, Overheard, RouterShown
from sidecar.clock import clock
from sidecar.core.actions import Transition
from sidecar.telemetry.lan.evidence import LanEvidence
from sidecar.telemetry.lan.finding import LanFinding
from sidecar.telemetry.lan.picture import VIRTUAL
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.status_store import StatusStore

_INTERFACES: Final = Path("/sys/class/net")
_OWN_EVERY: Final = 10.0
"""Seconds between two readings of the MAC addresses of this host."""


class LanWatch:
    """For the thread of the loop. `trouble` gets component, reason and detail of what is found."""

    def __init__(
        self,
        status_store: StatusStore,
        trouble: Callable[[str, str, str], None],
        log: FilteringBoundLogger,
        ask: Callable[[], object],
        interfaces: Path = _INTERFACES,
        now: Callable[[], float] = clock,
    ) -> None:
        """`ask` has the router asked for pictures, and waits for nothing."""
        self._status_store = status_store
        self._report = trouble
        self._log = log
        self._ask = ask
        self._interfaces = interfaces
        self._now = now
        self._evidence = LanEvidence()
        self._nodes: tuple[NodeRecord, ...] = ()
        self._told: dict[tuple[str, str, str | None], LanFinding] = {}
        self._own_at = -inf
        self._asked_at = -inf

    def take(self, message: Down) -> None:
        """Take what the router tells, if it is about the LAN or about what the router does there."""
        match message:
            case Overheard(at, interface, own, frames):
                if at - self._own_at >= _OWN_EVERY:
                    self._own_at = at
                    self._evidence.own(_own_macs(self._interfaces))
                self._evidence.heard(interface, own, frames, at)
            case RouterShown(_, snapshot):
                if self._evidence.router(snapshot, self._now()):
                    # Before the picture is shown: what was heard until now may be of what the router was.
                    self._status_store.lan = self._evidence.picture()
            case Noted(at, Transition() as moved):
                self._evidence.moved(moved.router, moved.new, moved.reason, at)
                self._status_store.lan = self._evidence.picture()
            case _:
                pass

    def look(self) -> None:
        """Show what is known now, and report what is new or over, once the router has told how it stands."""
        if (nodes := self._status_store.nodes) is not self._nodes:
            self._nodes = nodes
            self._evidence.hosts(mac for node in nodes if node.told is not None for mac in node.told.macs)
        self._status_store.lan = self._evidence.picture()
        view = self._status_store.view()
        if view is None or not view.believed:
            return
        found = {(each.router, each.kind.value, each.mac): each for each in view.lan_findings}
        if found.keys() == self._told.keys():
            self._told, self._asked_at = found, -inf
            return
        if view.snapshot.at < self._asked_at or self._asked_at == -inf:
            # Pictures come when somebody looks: an older one may be of another priority, or another master.
            self._asked_at = max(self._asked_at, view.now)
            self._ask()
            return
        self._asked_at = -inf
        for key in found.keys() - self._told.keys():
            self._report("lan", found[key].kind.value, f"{found[key].router}: {found[key].sentence}")
        for key in self._told.keys() - found.keys():
            router, kind, _ = key
            self._log.info("lan_settled", router=router, kind=kind, detail=self._told[key].sentence)
        self._told = found

    def exchange(self, routers: Iterable[str]) -> None:
        """These are the routers from now on."""
        self._evidence.keep(routers)


def _own_macs(interfaces: Path) -> frozenset[str]:
    """Return the MAC addresses of this host, as far as they can be read. Those of VRRP are no host's own."""
    found = set[str]()
    try:
        for address in interfaces.glob("*/address"):
            found.add(address.read_text(encoding="ascii").strip())
    except OSError:
        pass  # an interface has just gone: the next reading has the rest
    return frozenset(mac for mac in found if not mac.startswith(VIRTUAL))
