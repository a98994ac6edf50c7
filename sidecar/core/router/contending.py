"""What the state of a router says about taking over, for its state machine, its sync group and its picture.

Nothing is changed here.
"""

from math import inf

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.router import fault_conditions
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.peers import serves
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.state import Reason, State


class Contending:
    """One router, a member of its sync group. Times are seconds of the core's clock."""

    def __init__(self, state: RouterState, active: ActiveRole, backup: BackupRole, group: SyncGroup) -> None:
        self.params, self.name = active.params, active.params.name
        self.router = state
        self._active = active
        self._backup = backup
        self.group = group

    @property
    def priority(self) -> int:
        """Our effective priority. A router that cannot send must not preempt a living master.

        While a planned move waits for its hook, this host serves on as before: at the priority that it had.
        """
        if self.router.hooks.leave is not None:
            return self.router.hooks.leave.priority
        if self.router.sending.mute and self.router.state is not State.MASTER:
            return UNFIT_PRIORITY
        return self.router.fitness.priority

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete: nothing held and nothing under way."""
        return self.router.stopping and self.router.state is State.INIT and self.router.lease.settled

    @property
    def deadline(self) -> float:
        """When `tick` has something to do."""
        hook_at = self.router.hooks.deadline
        if self.router.state is State.MASTER:
            return min(self._active.deadline, hook_at)
        return min(self._takeover_at, self._trial_at, self._proof_at, hook_at)

    @property
    def contends(self) -> bool:
        """Whether this router would take over if nobody else served.

        So it does after a refusal of the kernel, which only another request can show to be over.
        """
        if self.router.state is State.FAULT:
            return bool(self.router.refusal.why) and self._seen() is None
        return self.router.state is State.BACKUP

    @property
    def asks_first(self) -> bool:
        """Whether the kernel has refused, so that the others of the group wait for its next answer."""
        return self.router.state is State.FAULT and self.contends

    @property
    def claim_at(self) -> float:
        """When this router alone would take over; minus infinity: it has; infinity: it cannot."""
        return self._claim_at(held=self.router.fitness.held)

    @property
    def expected_at(self) -> float:
        """Likewise, if no advert comes until then: a hold-down that ends first may make it sooner."""
        held_until = self.router.fitness.held_until
        if held_until is None:
            return self.claim_at
        return min(self.claim_at, max(held_until, self._claim_at(held=False)))

    def _claim_at(self, *, held: bool) -> float:
        if self.router.state is State.MASTER or self.router.takeover is not None:
            return -inf
        if not self.contends:
            return inf
        wanted = self._backup.takeover_at(
            self.priority, self.router.peers.master, self.router.since, held=held
        )
        return max(wanted, self.router.earliest(self._active.params, self.priority))

    @property
    def _takeover_at(self) -> float:
        """When to take over together with the group. Infinity: not from here."""
        free = self.router.takeover is None and self.contends
        return self.group.takeover_at(self) if free else inf

    @property
    def _trial_at(self) -> float:
        """When a backup tries whether it could be heard. Unicast peers get that packet: only in need."""
        sending = self.router.sending
        tries = self.router.takeover is None and self.contends
        multicast = self._active.params.unicast is None
        return sending.trial_at if tries and (multicast or sending.mute) else inf

    @property
    def _proof_at(self) -> float:
        """When a takeover whose hook is over tries again whether the master that serves could be told."""
        wait = self.router.hooks.wait
        return self.router.sending.waits_until if wait is not None and wait.result is not None else inf

    def _seen(self) -> tuple[Reason, str] | None:
        return fault_conditions.seen(self._active.params, self.router)

    @property
    def contested(self) -> bool:
        """Whether another master serves that does not know of us yet."""
        return self.router.contested

    def _served(self, now: float) -> bool:
        """Whether another master was heard just now."""
        master = self.router.peers.master
        return master is not None and serves(master, self.router.timer.interval, now)
