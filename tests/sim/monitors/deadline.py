"""After a step that did nothing the deadline lies ahead: nobody spins."""

from sidecar.core.actions import Action
from sidecar.core.node import Node
from tests.sim.host.host import Host
from tests.sim.monitors.history import History


class Deadline:
    """Looks at the deadline after each step."""

    def __init__(self, history: History) -> None:
        self._history = history

    def stepped(self, host: Host, node: Node, actions: list[Action], now: float) -> None:
        """A step is over."""
        if node.deadline <= now and not actions:
            detail = f"host {host.number}: deadline {node.deadline:.3f} is past after a step"
            self._history.fail("spinning", detail)
