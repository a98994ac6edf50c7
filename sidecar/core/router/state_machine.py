"""The state machine of one router (RFC 9568 section 6.4): every way to move, and what each move does.

The parts that judge an event say here what it means (`step_down`, `confirm`, `fault` ...). What follows from
it is written once and in its order, which is behaviour. `_enter` is the only writer of the state, and refuses
what is not in the table of transitions.py.
"""

from dataclasses import replace
from math import inf
from typing import Final

from sidecar.core.actions import Action, TakeoverTimed, TimerFired, Transition, Warned
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.hook import Hook, HookResult
from sidecar.core.router import fault_conditions, transitions
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.contending import Contending
from sidecar.core.router.hook_wait import HookWait, Leave
from sidecar.core.router.hooks import RouterHooks
from sidecar.core.router.resignation import RESIGNS
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.router.takeover import Takeover, with_refusals
from sidecar.core.state import Reason, State

FAULT_RETRY: Final = 1.0
"""Seconds to wait before asking again a kernel that refused."""


class RouterStateMachine(Contending):
    """Moves one router, a member of its sync group. The commands and reports of a move are added to `out`."""

    def __init__(
        self,
        state: RouterState,
        active: ActiveRole,
        backup: BackupRole,
        group: SyncGroup,
        out: list[Action],
    ) -> None:
        super().__init__(state, active, backup, group)
        self._hooks = RouterHooks(active.params, state, out)
        self._out = out
        group.join(self)

    def take_strike(self) -> bool:
        """Return whether something happened since the last call for which flap damping makes us wait."""
        struck, self.router.struck = self.router.struck, False
        return struck

    # ---- ways to move

    def adopt(self, until: float, detail: str, now: float) -> None:
        """Begin as MASTER, as an earlier process has ended. That is no transition: nobody sees one."""
        self.router.lease.adopt(until)
        self.router.state, self.router.since, self.router.why = State.MASTER, now, detail
        self.router.adopted, self.router.begun_at = True, -inf
        self.router.hooks.told = State.MASTER
        self._active.resume(self.priority, now)

    def judge(self, fitness: EffectivePriority, now: float) -> None:
        """Checks and operators say this. Falling sick is a reason to resign; having been sick is not."""
        priority = self.priority
        was, self.router.fitness, self.router.judged_at = self.router.fitness, fitness, now
        if was.fit and not fitness.fit:
            reason, detail = Reason.DRAIN if fitness.drained else Reason.HEALTH, "; ".join(fitness.reasons)
            if reason is Reason.HEALTH or not self._leave_in_order(reason, detail, priority, now):
                self.step_down(reason, detail, now)
        elif fitness.fit and self.router.hooks.leave is not None and not self.router.stopping:
            self._hooks.moved(State.MASTER, fitness.priority, now)

    def tick(self, now: float) -> None:
        """Serve the timer of this state, then see whether the facts still allow it."""
        record = self.router.hooks
        if self.router.state is State.MASTER:
            if record.leave is not None and self.group.released(now):
                self._leave_now(record.leave, now)
            else:
                self._active.due(self.priority, now)
        elif record.wait is not None and self.router.takeover is not None:
            if record.wait.over(now):
                self._go_on(record.wait, self.router.takeover, now)
        elif now >= self._takeover_at:
            self._take_over(now)
        elif now >= self._trial_at:
            self._try_sending(now)
        if self.router.stopping and self.router.state is not State.INIT and record.leave is None:
            self._enter(State.INIT, Reason.SHUTDOWN, "a stop was requested", now)
        self.settle(now)
        if self.router.lease.settled and not self.router.lease.desired:
            self._hooks.tell(self.priority, now)

    def check_changed(self, check: str, now: float, *, up: bool) -> None:
        """A check has another verdict."""
        self._hooks.checked(check, self.priority, now, up=up)

    def confirm(self, now: float) -> None:
        """The kernel has the VIPs. That completes a takeover, unless it comes after their lease."""
        takeover = self.router.takeover
        self.router.refusal.lift()
        if takeover is None:
            self._active.held(now)
        elif now >= self.router.lease.until:
            self.abandon(now)
        else:
            self._enter(State.MASTER, takeover.reason, takeover.detail, now)
            self._out.append(TakeoverTimed(self.name, "address", now - takeover.decided_at))
            self._out.append(TakeoverTimed(self.name, "total", now - self.router.timer.since))

    def abandon(self, now: float) -> None:
        """Give up a takeover, if one is under way, and listen again."""
        if self.router.takeover is None:
            return
        self._backup.begin_again(now)
        self._withdraw(now)

    def step_down(self, reason: Reason, detail: str, now: float) -> None:
        """Be a backup that listens: a master resigns, and a takeover is abandoned."""
        if self.router.state is State.MASTER:
            self._enter(State.BACKUP, reason, detail, now)
        else:
            self.abandon(now)

    def muted(self, now: float) -> None:
        """We cannot be heard, since now. A master stays one: where nobody else serves that helps nobody.

        Not if it has just taken over from a master that serves on, for it was not told.
        """
        if self.router.state is not State.MASTER:
            self._backup.begin_again(now)
            self.group.left(self, self.name, Reason.SYNC, now)
        elif self.router.contested:
            detail = f"another master serves and cannot be told: {self.router.sending.error}"
            self.step_down(Reason.SEND, detail, now)

    def heard(self) -> None:
        """An advertisement of ours was sent."""
        self.router.contested = False

    def follow(self, leaver: str, reason: Reason, now: float) -> None:
        """Another member of the sync group has left MASTER: do the same."""
        # A host that did not run must not speak, whichever of its routers noticed it first.
        if reason is Reason.DRAIN and self.router.hooks.leave is not None:
            self._leave_now(self.router.hooks.leave, now)
            return
        reason = reason if reason is Reason.STALL else Reason.SYNC
        self.step_down(reason, f"router {leaver} of the same sync group left MASTER", now)

    def fault(self, reason: Reason, why: str, now: float, retry: float = FAULT_RETRY) -> None:
        """The kernel refuses: hold nothing. Ask it again when we would serve, in `retry` seconds or later."""
        self.router.refusal.note(why, now, retry, served=self._served(now))
        if self.router.state is State.FAULT:
            self._withdraw(now)
        else:
            self._enter(State.FAULT, reason, why, now)

    def stop(self, detail: str, now: float) -> None:
        """Resign for good."""
        self.router.stopping = True
        if self._leave_in_order(Reason.SHUTDOWN, detail, self.priority, now):
            return
        if self.router.state is not State.INIT:
            self._enter(State.INIT, Reason.SHUTDOWN, detail, now)

    def settle(self, now: float) -> None:
        """Enter or leave FAULT as the facts demand; leave INIT once the ground is prepared."""
        if self.router.stopping or not self._active.prepared:
            return
        obstacle = fault_conditions.look(self._active.params, self.router)
        if obstacle is not None and self.router.state is not State.FAULT:
            self._enter(State.FAULT, *obstacle, now)
        elif obstacle is not None:
            self.router.why = obstacle[1]
            if not self.contends:
                self.abandon(now)
        elif self.router.state is State.INIT:
            self._enter(State.BACKUP, Reason.STARTUP, "ready: listening for a master", now)
        elif self.router.state is State.FAULT:
            self._enter(State.BACKUP, Reason.RECOVERED, "the fault is over: listening for a master", now)

    # ---- what a move does

    def _take_over(self, now: float) -> None:
        """Ask the kernel for the VIPs. The state changes when it has answered.

        From a master that serves they are taken only by a host that can tell it so.
        """
        if self._served(now) and not self.router.sending.proven(now):
            self._try_sending(now)
            return
        # A priority that has just risen can move the deadline into the past: that is no lateness.
        lateness = now - max(self.group.takeover_at(self), self.router.judged_at)
        self._out.append(TimerFired(self.name, "master_down", lateness))
        self._out.append(TakeoverTimed(self.name, "detect", now - self.router.timer.since))
        refused = self.router.peers.mismatches.refused_since(self.router.timer.since, now)
        decided = self._backup.decide(self.priority, self.router.peers.master, now)
        self.router.takeover = with_refusals(decided, refused)
        if not self._hooks.ask(Hook.PRE_ACQUIRE, State.MASTER, self.priority, now):
            self._active.acquire(now)

    def _go_on(self, wait: HookWait, takeover: Takeover, now: float) -> None:
        """The takeover need not wait for its hook any more: ask the kernel for the VIPs, or give it up.

        Meanwhile another host may serve, which must be told as any other master that is replaced.
        """
        sending = self.router.sending
        if wait.result is None:
            self.router.hooks.wait = wait = replace(wait, result=HookResult.TIMEOUT)
        if self._hooks.refuse(wait, now):
            self.abandon(now)
        elif not self._served(now) or sending.proven(now):
            self.router.hooks.wait = None
            self._out.append(TakeoverTimed(self.name, "hook", now - wait.asked_at))
            self.router.takeover = replace(takeover, decided_at=now)
            self._active.acquire(now)
        elif sending.mute:
            self.abandon(now)
        elif now >= sending.waits_until:
            self._try_sending(now)

    def _leave_in_order(self, reason: Reason, detail: str, priority: int, now: float) -> bool:
        """Leave MASTER as planned, after `pre_release`. Return False if nothing has to be waited for."""
        if self.router.state is not State.MASTER:
            return False
        record = self.router.hooks
        if record.leave is None:
            to = State.INIT if reason is Reason.SHUTDOWN else State.BACKUP
            asked = self._hooks.ask(Hook.PRE_RELEASE, to, priority, now)
            if not asked and not self.group.leaves_in_order(self):
                return False
        else:
            priority = record.leave.priority
        record.leave = Leave(reason, detail, priority)
        return True

    def _leave_now(self, leave: Leave, now: float) -> None:
        """Nothing has to be waited for any more."""
        self.router.hooks.wait = self.router.hooks.leave = None
        new = State.INIT if leave.reason is Reason.SHUTDOWN else State.BACKUP
        self._enter(new, leave.reason, leave.detail, now)

    def _try_sending(self, now: float) -> None:
        """Find out whether we can be heard."""
        master = self.router.peers.master
        serves = None if master is None or not self._served(now) else master.source
        self._active.trial(serves, now)

    def _withdraw(self, now: float) -> None:
        """End a takeover that is under way."""
        if self.router.takeover is not None:
            self.router.takeover = None
            self._active.end(now)
            self._hooks.moved(self.router.state, self.priority, now)
            self.group.left(self, self.name, Reason.SYNC, now)

    def _leave(self, reason: Reason, now: float) -> None:
        """Give the VIPs up, and tell the peers if we were MASTER and they do not know better."""
        self._active.end(now)
        if self.router.state is not State.MASTER:
            return
        if self.router.resignation.leaving(reason, self.router.sent_at, self._active.params.interval, now):
            self._backup.hand_back()

    def _enter(self, new: State, reason: Reason, detail: str, now: float) -> None:
        old = self.router.state
        transitions.check(old, new, reason)
        leaving = new is not State.MASTER and (old is State.MASTER or self.router.takeover is not None)
        resigned = old is State.MASTER and reason in RESIGNS
        if leaving:
            self._leave(reason, now)
        self.router.takeover, self.router.adopted = None, False
        self.router.struck |= reason is Reason.SEND or (new is State.FAULT and old is not State.INIT)
        self.router.state, self.router.since, self.router.why = new, now, detail
        if new is State.BACKUP or (new is State.FAULT and old is State.MASTER):
            self._backup.begin(now, resigned=resigned)
            self.router.sending.rest(now)
        self.router.contested = new is State.MASTER and self._served(now)
        if new is State.MASTER:
            before = self.router.peers.master
            self.router.replaced = before.source if before is not None and reason is Reason.PREEMPT else None
            self.router.replaced_spoke = False
            self._active.begin(self.priority, now, contested=self.router.contested)
        self._hooks.moved(new, self.priority, now)
        took = now - self.router.timer.since if new is State.MASTER else None
        self._out.append(Transition(self.name, old, new, reason, detail, took))
        if leaving and reason is not Reason.SHUTDOWN:
            self.group.left(self, self.name, reason, now)
        if new is State.MASTER and not self.router.fitness.fit:
            unfit = "serving although unfit: " + "; ".join(self.router.fitness.reasons)
            self._out.append(Warned(self.name, "election", "fail_open", unfit))
