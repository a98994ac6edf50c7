"""What a transition says of its cause is true."""

from sidecar.core.actions import Transition
from sidecar.core.params import master_down_interval
from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import Wait
from sidecar.core.state import Reason, State
from tests.sim.host.host import Host
from tests.sim.monitors.expected_priority import held_down
from tests.sim.monitors.history import History


class Causes:
    """Looks at the reason of each transition, and at what the router knew."""

    def __init__(self, history: History) -> None:
        self._history = history

    def moved(self, host: Host, transition: Transition) -> None:
        """A transition."""
        match transition.reason:
            case Reason.DRAIN if not host.operator_drain.under_way and not host.operator_drain.lately:
                self._history.fail("drain-without-operator", f"host {host.number} yields")
            case Reason.PREEMPT:
                self._expect_no_ban(host)
            case Reason.PRIORITY_ZERO:
                self._expect_a_resignation(host)
            case Reason.MASTER_DOWN:
                self._expect_silence(host)
            case Reason.HIGHER_PRIORITY if transition.new is not State.MASTER:
                self._expect_better(host)
            case _:
                pass

    def _expect_no_ban(self, host: Host) -> None:
        """A host that is held down, or drained, preempts nobody who is fit."""
        router = _router(host)
        if router is None or not (held_down(host) or host.operator_drain.surely):
            return
        master = router.peers.master
        if master is not None and master.priority > UNFIT_PRIORITY:
            monitor = "held-preempted" if held_down(host) else "drained-preempted"
            self._history.fail(monitor, f"host {host.number} took the VIP from {master.source}")

    def _expect_a_resignation(self, host: Host) -> None:
        """Nobody but the master that was followed starts a takeover without skew."""
        router = _router(host)
        if router is None or router.timer.wait is not Wait.ALONE:
            return
        if router.leaver not in {other.address for other in self._history.hosts}:
            detail = f"host {host.number} took over from {router.leaver} at once"
            self._history.fail("forged-resignation-believed", detail)

    def _expect_silence(self, host: Host) -> None:
        """A crash is told from a slow master by a whole master-down interval, in a pair, too."""
        router = _router(host)
        if router is None or router.timer.wait is not Wait.SILENCE:
            return
        params, timer = host.params.routers[0], router.timer
        waited = host.clock - timer.since
        if waited < master_down_interval(params.priority, timer.interval, params.version):
            self._history.fail("impatient", f"host {host.number} waited {waited:.3f} s")

    def _expect_better(self, host: Host) -> None:
        """Who yields to a higher priority has heard one."""
        if host.node is None:
            return
        # In one step a check may pass after the packet was heard.
        then = self._history.of(host).priority
        now = host.node.snapshot(0.0).routers[0].effective_priority
        mine = (min(then, now), int(host.address))
        others = (other for other in self._history.hosts if other is not host)
        if not any((other.process.said, int(other.address)) > mine for other in others):
            self._history.fail("yielded-to-less", f"host {host.number} gave way, and nobody is better")


def _router(host: Host) -> RouterState | None:
    """Return what the only router of a host remembers."""
    return None if host.node is None else host.node._elections["web"].router
