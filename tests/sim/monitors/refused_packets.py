"""A packet that is refused moves nothing."""

from dataclasses import replace

from sidecar.core.actions import Action, Identify, PacketDropped, Warned
from sidecar.core.events import Event, PacketReceived
from sidecar.core.node import Node
from sidecar.core.snapshot import Snapshot
from tests.sim.host.host import Host
from tests.sim.monitors.history import History


class RefusedPackets:
    """Compares a host before and after a step that had nothing but such packets."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._before: tuple[float, Snapshot] | None = None

    def before_step(self, node: Node, events: list[Event], now: float) -> None:
        """Remember what refused packets must not change."""
        self._before = None
        rogues = self._history.rogues
        if not rogues or not events or now >= node.deadline:
            return
        if all(isinstance(event, PacketReceived) and event.source in rogues for event in events):
            self._before = node.deadline, _without_mismatches(node.snapshot(now))

    def stepped(self, host: Host, node: Node, events: list[Event], actions: list[Action], now: float) -> None:
        """A step is over."""
        if self._before is None:
            return
        drops = [action for action in actions if isinstance(action, PacketDropped)]
        told = [action for action in actions if isinstance(action, Warned | Identify)]
        refused = len(drops) == len(events) and len(drops) + len(told) == len(actions)
        _, before = self._before
        after = (node.deadline, replace(_without_mismatches(node.snapshot(now)), at=before.at))
        if not refused or after != self._before:
            self._history.fail("refused-packet-moved", f"host {host.number}: {actions}")


def _without_mismatches(snapshot: Snapshot) -> Snapshot:
    """All but who was refused: that alone may change with a refused packet."""
    return replace(snapshot, routers=tuple(replace(each, mismatches=()) for each in snapshot.routers))
