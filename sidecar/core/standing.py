"""Where one router stands: its state, since when and why, and everything that a change of it does.

Whoever judges an event says here what it means (`step_down`, `confirm`, `fault` ...). What follows from
it is written once and in its order, which is behaviour. `_enter` is the only writer of `state`.
"""

from math import inf
from typing import Final

from sidecar.core import state_machine
from sidecar.core.actions import Action, TakeoverTimed, TimerFired, Transition, Warned
from sidecar.core.claim import Claim
from sidecar.core.contention import Contention
from sidecar.core.fitness import Fitness
from sidecar.core.obstacles import Obstacles
from sidecar.core.params import UNFIT_PRIORITY, Address
from sidecar.core.peers import Peers, serves
from sidecar.core.state import Reason, State
from sidecar.core.sync_group import SyncGroup
from sidecar.core.takeover import Takeover, with_refusals

FAULT_RETRY: Final = 1.0
"""Seconds to wait before asking again a kernel that refused."""
_RESIGNS: Final = frozenset({Reason.ADDRESS, Reason.HEALTH, Reason.VIP, Reason.SHUTDOWN, Reason.SYNC})
"""Causes of leaving MASTER that peers should hear of at once. After a lost election they know better."""
_RESIGNS_LATE: Final = {
    Reason.LINK: "the interface could not be used, and the VIPs are gone since",
    Reason.STALL: "the claim ran out while this process did not run",
}
"""Causes that peers should hear of when that is possible again, if nobody has taken over by then."""


class Standing:
    """The state of one router, a member of its sync group. What follows from a change is added to `out`."""

    def __init__(
        self,
        claim: Claim,
        contention: Contention,
        peers: Peers,
        group: SyncGroup,
        out: list[Action],
        now: float,
    ) -> None:
        self.name = claim.params.name
        self.state = State.INIT
        self.since = now
        self.why = "starting: leftovers of an earlier life are being removed"
        self.fitness = Fitness(UNFIT_PRIORITY, fit=False)
        self._claim = claim
        self._contention = contention
        self._peers = peers
        self._group = group
        self._out = out
        self._obstacles = Obstacles()
        self._judged_at = now
        self._takeover: Takeover | None = None
        """Decided, and waiting for the kernel. We are BACKUP until it has answered."""
        self._replaced: Address | None = None
        self._replaced_spoke = False
        """The master that we have preempted: it may say one last word."""
        self._contested = False
        """We took the VIPs from a living master, and it is not known yet that it could be told."""
        self._struck = False
        self._stopping = False
        group.join(self)

    # ---- what others read and ask

    @property
    def priority(self) -> int:
        """Our effective priority. A router that cannot send must not preempt a living master."""
        if self._claim.sending.mute and self.state is not State.MASTER:
            return UNFIT_PRIORITY
        return self.fitness.priority

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete: nothing held and nothing under way."""
        return self._stopping and self.state is State.INIT and self._claim.lease.settled

    @property
    def deadline(self) -> float:
        """When `tick` has something to do."""
        if self.state is State.MASTER:
            return self._claim.deadline
        return min(self._takeover_at, self._trial_at)

    @property
    def contends(self) -> bool:
        """Whether this router would take over if nobody else served.

        So it does after a refusal of the kernel, which only another request can show to be over.
        """
        if self.state is State.FAULT:
            return bool(self._obstacles.refusal) and self._obstacles.seen(self._claim) is None
        return self.state is State.BACKUP

    @property
    def asks_first(self) -> bool:
        """Whether the kernel has refused, so that the others of the group wait for its next answer."""
        return self.state is State.FAULT and self.contends

    @property
    def claim_at(self) -> float:
        """When this router alone would take over; minus infinity: it has; infinity: it cannot."""
        if self.state is State.MASTER or self._takeover is not None:
            return -inf
        if not self.contends:
            return inf
        held = self.fitness.held
        wanted = self._contention.takeover_at(self.priority, self._peers.master, self.since, held=held)
        return max(wanted, self._obstacles.retry_at, self._claim.sending.waits_until)

    @property
    def _takeover_at(self) -> float:
        """When to take over together with the group. Infinity: not from here."""
        free = self._takeover is None and self.contends
        return self._group.takeover_at(self) if free else inf

    @property
    def _trial_at(self) -> float:
        """When a backup tries whether it could be heard. Unicast peers get that packet: only in need."""
        sending = self._claim.sending
        tries = self._takeover is None and self.contends
        multicast = self._claim.params.unicast is None
        return sending.trial_at if tries and (multicast or sending.mute) else inf

    def _served(self, now: float) -> bool:
        """Whether another master was heard just now."""
        master = self._peers.master
        return master is not None and serves(master, self._contention.timer.interval, now)

    def take_strike(self) -> bool:
        """Return whether something happened since the last call for which flap damping makes us wait."""
        struck, self._struck = self._struck, False
        return struck

    def take_last_word(self, source: Address, now: float) -> bool:
        """A lesser master spoke. Return whether it is the one that we have preempted, and says its last word.

        Within half an interval of our takeover that may be more than one advert: a beat of that master may
        have crossed our first one. Who goes on serving is heard again an interval later.
        """
        if source != self._replaced:
            self._replaced = None
            return False
        crossed = now - self.since < 0.5 * self._contention.timer.interval
        expected, self._replaced_spoke = crossed or not self._replaced_spoke, True
        return expected

    # ---- ways to move

    def judge(self, fitness: Fitness, now: float) -> None:
        """The checks say this. Falling sick is a reason to resign; having been sick is not."""
        was, self.fitness, self._judged_at = self.fitness, fitness, now
        if was.fit and not fitness.fit:
            self.step_down(Reason.HEALTH, "; ".join(fitness.reasons), now)

    def tick(self, now: float) -> None:
        """Serve the timer of this state, then see whether the facts still allow it."""
        if self.state is State.MASTER:
            self._claim.due(self.priority, now)
        elif now >= self._takeover_at:
            self._take_over(now)
        elif now >= self._trial_at:
            self._try_sending(now)
        self.settle(now)

    def confirm(self, now: float) -> None:
        """The kernel has the VIPs. That completes a takeover, unless it comes after their lease."""
        takeover = self._takeover
        self._obstacles.lift()
        if takeover is None:
            self._claim.held(now)
        elif now >= self._claim.lease.until:
            self.abandon(now)
        else:
            self._enter(State.MASTER, takeover.reason, takeover.detail, now)
            self._out.append(TakeoverTimed(self.name, "address", now - takeover.decided_at))
            self._out.append(TakeoverTimed(self.name, "total", now - self._contention.timer.since))

    def abandon(self, now: float) -> None:
        """Give up a takeover, if one is under way, and listen again."""
        if self._takeover is None:
            return
        self._contention.begin_again(now)
        self._withdraw(now)

    def step_down(self, reason: Reason, detail: str, now: float) -> None:
        """Be a backup that listens: a master resigns, and a takeover is abandoned."""
        if self.state is State.MASTER:
            self._enter(State.BACKUP, reason, detail, now)
        else:
            self.abandon(now)

    def muted(self, now: float) -> None:
        """We cannot be heard, since now. A master stays one: where nobody else serves that helps nobody.

        Not if it has just taken over from a master that serves on, for it was not told.
        """
        if self.state is not State.MASTER:
            self._contention.begin_again(now)
            self._group.left(self, self.name, Reason.SYNC, now)
        elif self._contested:
            detail = f"another master serves and cannot be told: {self._claim.sending.error}"
            self.step_down(Reason.SEND, detail, now)

    def heard(self) -> None:
        """An advertisement of ours was sent."""
        self._contested = False

    @property
    def contested(self) -> bool:
        """Whether another master serves that does not know of us yet."""
        return self._contested

    def follow(self, leaver: str, reason: Reason, now: float) -> None:
        """Another member of the sync group has left MASTER: do the same."""
        # Who overslept must not speak, whichever of its routers noticed it first.
        reason = reason if reason is Reason.STALL else Reason.SYNC
        self.step_down(reason, f"router {leaver} of the same sync group left MASTER", now)

    def fault(self, reason: Reason, why: str, now: float, retry: float = FAULT_RETRY) -> None:
        """The kernel refuses: hold nothing. Ask it again when we would serve, in `retry` seconds or later."""
        self._obstacles.refuse(why, now, retry, served=self._served(now))
        if self.state is State.FAULT:
            self._withdraw(now)
        else:
            self._enter(State.FAULT, reason, why, now)

    def stop(self, detail: str, now: float) -> None:
        """Resign for good."""
        self._stopping = True
        if self.state is not State.INIT:
            self._enter(State.INIT, Reason.SHUTDOWN, detail, now)

    def settle(self, now: float) -> None:
        """Enter or leave FAULT as the facts demand; leave INIT once the ground is prepared."""
        if self._stopping or not self._claim.prepared:
            return
        obstacle = self._obstacles.look(self._claim)
        if obstacle is not None and self.state is not State.FAULT:
            self._enter(State.FAULT, *obstacle, now)
        elif obstacle is not None:
            self.why = obstacle[1]
            if not self.contends:
                self.abandon(now)
        elif self.state is State.INIT:
            self._enter(State.BACKUP, Reason.STARTUP, "ready: listening for a master", now)
        elif self.state is State.FAULT:
            self._enter(State.BACKUP, Reason.RECOVERED, "the fault is over: listening for a master", now)

    # ---- what a move does

    def _take_over(self, now: float) -> None:
        """Ask the kernel for the VIPs. The state changes when it has answered.

        From a master that serves they are taken only by a host that can tell it so.
        """
        if self._served(now) and not self._claim.sending.proven(now):
            self._try_sending(now)
            return
        # A priority that has just risen can move the deadline into the past: that is no lateness.
        lateness = now - max(self._group.takeover_at(self), self._judged_at)
        self._out.append(TimerFired(self.name, "master_down", lateness))
        self._out.append(TakeoverTimed(self.name, "detect", now - self._contention.timer.since))
        refused = self._peers.mismatches.refused_since(self._contention.timer.since, now)
        decided = self._contention.decide(self.priority, self._peers.master, now)
        self._takeover = with_refusals(decided, refused)
        self._claim.acquire(now)

    def _try_sending(self, now: float) -> None:
        """Find out whether we can be heard."""
        master = self._peers.master
        serves = None if master is None or not self._served(now) else master.source
        self._claim.trial(serves, now)

    def _withdraw(self, now: float) -> None:
        """End a takeover that is under way."""
        if self._takeover is not None:
            self._takeover = None
            self._claim.end(now)
            self._group.left(self, self.name, Reason.SYNC, now)

    def _leave(self, reason: Reason, now: float) -> None:
        """Give the VIPs up, and tell the peers if we were MASTER and they do not know better."""
        self._claim.end(now)
        if self.state is not State.MASTER:
            return
        interval = self._claim.params.interval
        if reason in _RESIGNS:
            self._claim.resignation.owe(now + interval)
        elif reason in _RESIGNS_LATE:
            self._claim.resignation.owe(self._claim.sent_at + 3 * interval, _RESIGNS_LATE[reason])
        else:
            return
        self._contention.hand_back()

    def _enter(self, new: State, reason: Reason, detail: str, now: float) -> None:
        old = self.state
        state_machine.check(old, new, reason)
        leaving = new is not State.MASTER and (old is State.MASTER or self._takeover is not None)
        resigned = old is State.MASTER and reason in _RESIGNS
        if leaving:
            self._leave(reason, now)
        self._takeover = None
        self._struck |= reason is Reason.SEND or (new is State.FAULT and old is not State.INIT)
        self.state, self.since, self.why = new, now, detail
        if new is State.BACKUP or (new is State.FAULT and old is State.MASTER):
            self._contention.begin(now, resigned=resigned)
            self._claim.sending.rest(now)
        self._contested = new is State.MASTER and self._served(now)
        if new is State.MASTER:
            before = self._peers.master
            self._replaced = before.source if before is not None and reason is Reason.PREEMPT else None
            self._replaced_spoke = False
            self._claim.begin(self.priority, now, contested=self._contested)
        self._out.append(Transition(self.name, old, new, reason, detail))
        if leaving and reason is not Reason.SHUTDOWN:
            self._group.left(self, self.name, reason, now)
        if new is State.MASTER and not self.fitness.fit:
            unfit = "serving although unfit: " + "; ".join(self.fitness.reasons)
            self._out.append(Warned(self.name, "election", "fail_open", unfit))
