"""FAULT: what it costs, and the evidence that is needed before it is over."""

from sidecar.core.actions import Action, Transition
from sidecar.core.events import Event, InterfaceChanged, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.health.damping import ONE_EVENT
from sidecar.core.state import Reason, State
from tests.sim.host.host import Host
from tests.sim.monitors.history import History

_EVIDENCE = (InterfaceChanged, VipsObserved, VipsDropped, VipsHeld)


class FaultState:
    """Looks at the transitions of each step."""

    def __init__(self, history: History) -> None:
        self._history = history

    def stepped(self, host: Host, events: list[Event], actions: list[Action], now: float) -> None:
        """A step is over."""
        transitions = [action for action in actions if isinstance(action, Transition)]
        if untried := _recovery_without_evidence(events, transitions):
            self._history.fail("untried-recovery", f"host {host.number}: {untried}")
        if free := _fault_that_cost_nothing(host, transitions, now):
            self._history.fail("fault-unpunished", f"host {host.number}: {free}")


def _recovery_without_evidence(events: list[Event], transitions: list[Transition]) -> str:
    """A fault is over because something was seen, not because it was waited for."""
    for moved in transitions:
        if (moved.old, moved.new) == (State.FAULT, State.BACKUP):
            return "" if any(isinstance(event, _EVIDENCE) for event in events) else str(moved)
    return ""


def _fault_that_cost_nothing(host: Host, transitions: list[Transition], now: float) -> str:
    """Each fault, and each master that nobody heard, counts for flap damping."""
    if host.node is None or host.params.routers[0].damping is None:
        return ""
    for moved in transitions:
        faulty = moved.new is State.FAULT and moved.old is not State.INIT
        if not faulty and moved.reason is not Reason.SEND:
            continue
        if now - host.node._judgement._dampings["web"].failed_at > ONE_EVENT:
            return str(moved)
    return ""
