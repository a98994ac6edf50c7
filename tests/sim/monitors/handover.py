"""After a resignation the best backup follows without a wait for silence."""

from sidecar.core.hook import Hook
from sidecar.core.params import PAIR, skew
from sidecar.core.priorities import OWNER, UNFIT_PRIORITY
from sidecar.core.state import Reason, State
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import hook_time, master_down, slack
from tests.sim.monitors.expected_priority import expected_priority
from tests.sim.monitors.history import History

RESIGNS = frozenset({Reason.SHUTDOWN, Reason.HEALTH, Reason.DRAIN})
"""Reasons for which a MASTER leaves and says so."""


class Handover:
    """`lossless`: nothing of what a host says is lost, so that the promise holds."""

    def __init__(self, history: History, *, lossless: bool) -> None:
        self._history = history
        self._lossless = lossless

    def moved(self, host: Host, old: State, reason: Reason) -> None:
        """A host is no longer MASTER, or no more in the state that led there."""
        awake = self._history.of(host).thawed_at < self._history.now
        if awake and old is State.MASTER and reason in RESIGNS:
            self.expect(host)

    def link_changed(self, host: Host) -> None:
        """A link is back while the peers still wait for the host that has lost it."""
        acts = host.node is not None and not (host.frozen or host.process.stalled)
        if host.link_up and acts and self._just_left(host, Reason.LINK):
            self.expect(host)

    def _just_left(self, host: Host, reason: Reason) -> bool:
        """Whether this host was the last to leave MASTER, for this reason, and its peers still wait."""
        if not self._history.transitions:
            return False
        at, number, last = self._history.transitions[-1]
        patience = 2 * host.params.routers[0].interval
        left = last.old is State.MASTER and last.reason is reason
        return number == host.number and left and self._history.now - at < patience

    def expect(self, host: Host) -> None:
        """This host has resigned, or does so now: the best of the others that could follow must."""
        now = self._history.now
        others = [
            h
            for h in self._history.hosts
            if h is not host and self._history.of(h).ready_since < now and h.state is State.BACKUP
        ]
        if not others or not self._lossless or host.kernel.refuses or host.kernel.foreign or not host.link_up:
            return
        best = max(others, key=expected_priority)
        mark = self._undisturbed(host, best)

        def served() -> None:
            nobody = not any(h.link_up and h.kernel.ours for h in self._history.hosts)
            if nobody and self._undisturbed(host, best) == mark:
                self._history.fail(
                    "slow-handover", f"host {host.number} resigned, host {best.number} did not follow"
                )

        wait = self._wait(host, best) + hook_time(best, Hook.PRE_ACQUIRE)
        self._history.timeline.after(wait + slack(best) + slack(host), served)

    def _wait(self, host: Host, best: Host) -> float:
        """Seconds that the best backup may wait after this host has resigned."""
        router, priority = best.params.routers[0], expected_priority(best)
        if self._seemed_not_to_leave(host, best):
            return master_down(best, priority)
        if router.hosts == PAIR and _follows(best, host):
            return 0.0
        return skew(priority, router.interval, router.version)

    def _seemed_not_to_leave(self, host: Host, best: Host) -> bool:
        """Whether an owner, who waits for nobody, was back within an interval of the takeover after it left.

        Then it cannot be told from one in whose name somebody else said priority 0, and is not believed again
        for a master down interval.
        """
        now = self._history.now
        if now - host.process.reload.at < 4 * host.params.routers[0].interval:
            # Below us and above us again within an interval: such a master is not believed when it leaves.
            return True
        taken = [
            at
            for at, number, transition in self._history.transitions
            if number == best.number and transition.reason in {Reason.PRIORITY_ZERO, Reason.OWNER}
        ]
        # It may have been unfit when it saw the owner come back.
        longest = master_down(best, UNFIT_PRIORITY) + slack(best)
        return host.params.routers[0].priority == OWNER and bool(taken) and now - taken[-1] <= longest

    def _undisturbed(self, host: Host, best: Host) -> tuple[float, ...]:
        """Values that stay the same while a handover goes on and nothing else happens."""
        history = self._history
        takeovers = sum(1 for _, _, transition in history.transitions if transition.new is State.MASTER)
        return history.of(best).ready_since, history.of(host).disturbed, takeovers


def _follows(backup: Host, master: Host) -> bool:
    """Whether a backup has heard this master, and nobody else after it."""
    node = backup.node
    followed = None if node is None else node._elections["web"].router.peers.master
    return followed is not None and followed.source == master.address
