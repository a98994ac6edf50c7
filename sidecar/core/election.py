"""The election of one virtual router (RFC 9568 section 6.4) and the rules we add to it.

States: INIT until leftovers are swept, BACKUP, MASTER, and FAULT while this node cannot hold the
VIPs at all (no interface, no source address, the kernel refuses).

What differs from the RFC, and why:
1. A backup whose timer runs out becomes MASTER only when the kernel has confirmed the VIPs.
   Until then it says nothing: an advertisement is a claim about the kernel, not an intention.
   The LAN is told before the peers: clients have moved when a preempted master lets go.
2. Leaving MASTER removes the VIPs first; priority 0 follows when the kernel has confirmed that.
3. MASTER is a lease. A master that slept longer than its lease, or longer than it takes a peer to
   take over, is no master: it drops the VIPs and listens before it speaks again.
4. An unfit node (a required check failed) resigns at once and then contends at priority 1: it
   serves when nobody better does. A fit node always preempts a master of priority 1.
5. A master that lowers its own priority below ours is replaced after Skew_Time and not after
   three silent intervals: it told us that it wants to be replaced.
6. Priority 0 counts only from the master that we follow. A farewell that comes late, or from a
   stranger, while another master is heard must not make a second one.
7. Routers of a sync group take over together and leave together (sync_group.py).
8. A master that yields to a better one advertises once more, before it lets go. Else the winner of a healed
   partition would not know that clients have heard somebody else, and would not announce again.

`_enter` is the only writer of `state`. The order of the actions is behaviour.
"""

from math import inf
from typing import Final, assert_never

from sidecar.core.actions import (
    Action,
    SendAdvert,
    SenderFound,
    TakeoverTimed,
    TimerFired,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.admission import Admission
from sidecar.core.auth import Authenticator
from sidecar.core.claim import Claim
from sidecar.core.contention import Contention
from sidecar.core.events import (
    ActionExpired,
    InterfaceChanged,
    PacketReceived,
    RouterEvent,
    SenderIdentified,
    SendFailed,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.fitness import Fitness
from sidecar.core.hearing import Hearing
from sidecar.core.obstacles import Obstacles
from sidecar.core.params import UNFIT_PRIORITY, Address, RouterParams, master_down_interval
from sidecar.core.removals import WINDOW
from sidecar.core.snapshot import MasterSeen, RouterSnapshot
from sidecar.core.state import Reason, State
from sidecar.core.sync_group import SyncGroup
from sidecar.core.takeover import Takeover
from sidecar.core.transmit import Transmitter
from sidecar.core.vrrp import Advert

FAULT_RETRY: Final = 1.0
"""Seconds to wait before asking again a kernel that refused."""
_RESIGNS: Final = frozenset({Reason.HEALTH, Reason.VIP, Reason.SHUTDOWN, Reason.SEND, Reason.SYNC})
"""Causes of leaving MASTER that peers should hear of. After a stall or a lost election they know better."""


class Election:
    """One virtual router. Every method is one input; `take` hands out the actions that followed."""

    def __init__(self, params: RouterParams, now: float, group: SyncGroup | None = None) -> None:
        self.params = params
        self._group = group or SyncGroup()
        self._group.join(self)
        self.state = State.INIT
        self._since = now
        self._why = "starting: leftovers of an earlier life are being removed"
        self._fitness = Fitness(UNFIT_PRIORITY, fit=False)
        self._link_known = False
        self._swept = False
        self._stopping = False
        hmac = params.hmac
        self._authenticator = None if hmac is None else Authenticator(hmac, params.vrid, params.version)
        self._transmitter = Transmitter(params, self._authenticator)
        self._claim = Claim(params, self._transmitter)
        self._contention = Contention(params)
        self._hearing = Hearing(params, Admission(params, self._authenticator))
        self._peers = self._hearing.peers
        self._obstacles = Obstacles()
        self._acquiring: Takeover | None = None
        self._replaced: Address | None = None
        """The master that we have preempted: it may say one last word."""
        self._refused_at = -inf
        self._judged_at = now
        self._out: list[Action] = []

    # ---- what the node reads

    def take(self) -> list[Action]:
        """Hand out the actions since the last call, in the order in which they must happen."""
        actions, self._out = self._out, []
        return actions

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete: nothing held and nothing under way."""
        return self._stopping and self.state is State.INIT and self._claim.lease.settled

    @property
    def deadline(self) -> float:
        """When `tick` is needed at the latest, if nothing happens before. Infinity: never."""
        lease = self._claim.lease.deadline
        match self.state:
            case State.MASTER:
                return min(lease, self._claim.deadline)
            case State.BACKUP if self._acquiring is None:
                return min(lease, self._group.takeover_at)
            case State.FAULT:
                return min(lease, self._obstacles.retry_at)
        return lease

    @property
    def claim_at(self) -> float:
        """When this router alone would take over; minus infinity: it has; infinity: it cannot."""
        if self.state is State.MASTER or self._acquiring is not None:
            return -inf
        if self.state is not State.BACKUP:
            return inf
        return self._contention.takeover_at(self._fitness.priority, self._peers.master, self._since)

    def resignation(self, now: float) -> SendAdvert | None:
        """Return the priority 0 that peers of a MASTER should hear if this process dies now."""
        if self.state is not State.MASTER or self._claim.source is None:
            return None
        return self._transmitter.advertise(self._claim.source, 0, now, inf)

    def snapshot(self, now: float) -> RouterSnapshot:
        """Return the picture of this router."""
        p, mine = self.params, self._fitness.priority
        master = self._peers.master
        if self.state is State.MASTER and self._claim.source is not None:
            master = MasterSeen(self._claim.source, mine, self._claim.sent_at)
        wait = master_down_interval(mine, self._contention.timer.interval, p.version)
        return RouterSnapshot(
            name=p.name,
            vrid=p.vrid,
            interface=p.interface,
            family=p.family,
            version=p.version,
            mode="multicast" if p.unicast is None else "unicast",
            state=self.state,
            since=self._since,
            reason=self._why,
            priority=p.priority,
            effective_priority=mine,
            vips=p.addresses,
            desired=self._claim.lease.desired,
            owned=self._claim.lease.owned,
            master=master,
            master_down_interval=wait,
            held_until=self._fitness.held_until,
            masters_observed=self._peers.observed(now, wait) + (self.state is State.MASTER),
        )

    # ---- inputs

    def start(self, now: float) -> None:
        """Begin by removing what an earlier life may have left."""
        self._out.append(self._claim.lease.drop(now))

    def stop(self, now: float, detail: str) -> None:
        """Resign and end. The stop is complete when `stopped` says so."""
        self._stopping = True
        if self.state is not State.INIT:
            self._enter(State.INIT, Reason.SHUTDOWN, detail, now)

    def wake(self, now: float) -> None:
        """Before anything else in a step: a master that overslept is no longer master."""
        if self.state is State.MASTER and now >= self._claim.until:
            slept = now - self._claim.sent_at
            self._enter(State.BACKUP, Reason.STALL, f"asleep for {slept:.2f} s: somebody else may serve", now)

    def set_clock(self, offset: float) -> None:
        """The wall clock is this many seconds ahead of the core's."""
        if self._authenticator is not None:
            self._authenticator.set_clock(offset)

    def follow(self, leaver: str, reason: Reason, now: float) -> None:
        """Another member of the sync group has left MASTER: do the same."""
        detail = f"router {leaver} of the same sync group left MASTER"
        if self.state is State.MASTER:
            # Who overslept must not speak, whichever of its routers noticed it first.
            self._enter(State.BACKUP, reason if reason is Reason.STALL else Reason.SYNC, detail, now)
        elif self._acquiring is not None:
            self._abandon(now)

    def set_link(self, changed: InterfaceChanged, now: float) -> None:
        """An interface is now like this. Of interest only if it is ours."""
        if changed.interface == self.params.interface:
            self._claim.set_link(changed.state, now)
            self._link_known = True
            self._settle(now)

    def set_fitness(self, fitness: Fitness, now: float) -> None:
        """The checks say this. Falling sick is a reason to resign; having been sick is not."""
        was, self._fitness, self._judged_at = self._fitness, fitness, now
        if not (was.healthy and not fitness.healthy):
            return
        if self.state is State.MASTER:
            self._enter(State.BACKUP, Reason.HEALTH, "; ".join(fitness.reasons), now)
        elif self._acquiring is not None:
            self._abandon(now)

    def receive(self, packet: PacketReceived, now: float) -> None:
        """A packet arrived for our VRID on our interface."""
        heard, reports = self._hearing.hear(packet, self._claim.source, now)
        self._out += reports
        if heard is None:
            return
        stranger = not heard.known and (heard.before is not None or self.state is State.MASTER)
        if self.state is State.BACKUP:
            followed = self._contention.hear(heard, self._fitness.priority, now)
            if followed and self._acquiring is not None:
                self._abandon(now)
        elif self.state is State.MASTER:
            self._hear_as_master(heard.advert, heard.source, now)
        if stranger and heard.advert.priority >= max(1, self._fitness.priority):
            detail = f"{heard.source}, never heard before, serves with priority {heard.advert.priority}"
            self._alarm("unknown_master", detail, heard.source, now)

    def hear(self, event: RouterEvent, now: float) -> None:
        """The shell reports the outcome of a command, or what it saw in the kernel."""
        match event:
            case VipsHeld(_, asked_at, error):
                self._held(asked_at, error, now)
            case VipsDropped(_, error):
                self._dropped(error, now)
            case VipsObserved():
                self._observed(event, now)
            case SendFailed(_, error):
                self._send_failed(error, now)
            case ActionExpired():
                self._expired(event, now)
            case SenderIdentified(router, source, mac):
                self._out.append(SenderFound(router, source, mac))
            case _:
                assert_never(event)

    def tick(self, now: float) -> None:
        """Time passed. Serve every timer that ran out."""
        lease = self._claim.lease
        if lease.give_up(now):
            self._warn("vip", "no_answer", "the kernel does not answer requests for addresses")
            if lease.desired:
                self._fault(Reason.VIP, "the kernel does not answer requests for addresses", now)
        if lease.retry_due(now):
            self._out.append(lease.drop(now))
        if self.state is State.MASTER:
            self._out += self._claim.due(self._fitness.priority, now)
        elif self.state is State.BACKUP and self._acquiring is None and now >= self._group.takeover_at:
            self._acquire(now)
        self._settle(now)

    # ---- outcomes of commands, and what the kernel shows

    def _held(self, asked_at: float, error: str | None, now: float) -> None:
        """The kernel answered a request to hold the VIPs."""
        if not self._claim.lease.held(asked_at, error):
            return
        if error is not None:
            self._fault(Reason.VIP, f"the kernel does not hold the VIP: {error}", now)
        elif self._acquiring is None:
            self._claim.held(now)
        elif now >= self._claim.lease.until:
            self._abandon(now)
        else:
            takeover = self._acquiring
            self._enter(State.MASTER, takeover.reason, takeover.detail, now)
            self._out.append(TakeoverTimed(self.params.name, "address", now - takeover.decided_at))
            self._out.append(TakeoverTimed(self.params.name, "total", now - self._contention.timer.since))

    def _dropped(self, error: str | None, now: float) -> None:
        """The kernel answered a request to remove the VIPs."""
        if error is not None:
            self._warn("vip", "drop_failed", f"the kernel did not remove the VIP: {error}")
        if self._claim.lease.dropped(now, error):
            self._swept = True
            self._out += self._claim.farewell(now)
            self._settle(now)

    def _observed(self, seen: VipsObserved, now: float) -> None:
        """The kernel's addresses changed, by our hand or by somebody else's."""
        lease, name = self._claim.lease, self.params.name
        # Only what was there can go: a restoration that is half done shows the rest still missing.
        removed = lease.owned - seen.owned
        lease.owned, lease.duplicate = seen.owned, seen.duplicate
        if seen.foreign - lease.foreign:
            self._out.append(VipChanged(name, "foreign", tuple(sorted(seen.foreign))))
        lease.foreign, lease.obstacle = seen.foreign, seen.obstacle
        if self.state is State.MASTER and removed and not seen.foreign:
            self._out.append(VipChanged(name, "removed", tuple(sorted(removed))))
            restoring = self._claim.restore(now)
            self._out += restoring
            if not restoring:
                self._fault(Reason.VIP, "somebody keeps removing the VIP", now, retry=WINDOW)
        elif seen.owned and not lease.desired and lease.settled and self._swept:
            self._out.append(VipChanged(name, "leftover", tuple(sorted(seen.owned))))
            self._out.append(lease.drop(now))
        self._settle(now)

    def _send_failed(self, error: str, now: float) -> None:
        """The kernel refused a packet. Twice within two intervals is no accident."""
        self._warn("vrrp", "send_failed", error)
        if self.state is State.MASTER and now - self._refused_at <= 2 * self.params.interval:
            self._fault(Reason.SEND, f"advertisements cannot be sent: {error}", now)
        self._refused_at = now

    def _expired(self, event: ActionExpired, now: float) -> None:
        """A command came too late to be carried out: we slept between deciding and acting."""
        if event.action == "HoldVips":
            self._claim.lease.lost()
        if self.state is State.MASTER:
            detail = f"{event.action} came {event.late:.2f} s too late: somebody else may serve"
            self._enter(State.BACKUP, Reason.STALL, detail, now)
        elif self._acquiring is not None and event.action == "HoldVips":
            self._abandon(now)

    # ---- hearing

    def _hear_as_master(self, advert: Advert, source: Address, now: float) -> None:
        mine, own = self._fitness.priority, self._claim.source
        if advert.priority == 0:
            self._out += self._claim.reply(mine, now)
        elif own is not None and (advert.priority, int(source)) > (mine, int(own)):
            detail = f"{source} advertises priority {advert.priority}, ours is {mine}"
            self._out += self._claim.last_word(mine, now)
            self._enter(State.BACKUP, Reason.HIGHER_PRIORITY, detail, now)
            self._contention.deposed(source, advert.interval, mine, now)
        else:
            if source != self._replaced:
                detail = f"{source} also serves, with priority {advert.priority}"
                self._alarm("second_master", detail, source, now)
            self._replaced = None
            self._out += self._claim.reply(mine, now)
            self._claim.reassert(now)

    # ---- taking over

    def _acquire(self, now: float) -> None:
        mine, master = self._fitness.priority, self._peers.master
        # A priority that has just risen can move the deadline into the past: that is no lateness.
        lateness = now - max(self._group.takeover_at, self._judged_at)
        self._out.append(TimerFired(self.params.name, "master_down", lateness))
        self._out.append(TakeoverTimed(self.params.name, "detect", now - self._contention.timer.since))
        self._acquiring = self._contention.decide(mine, master, now)
        self._out += self._claim.acquire(now)

    def _abandon(self, now: float) -> None:
        """Give up a takeover that is under way, and listen again."""
        self._acquiring = None
        self._out += self._claim.end(now, farewell=False)
        self._contention.begin_again(now)
        self._group.left(self, self.params.name, Reason.SYNC, now)

    # ---- state

    def _fault(self, reason: Reason, why: str, now: float, retry: float = FAULT_RETRY) -> None:
        self._obstacles.refuse(why, now + retry)
        self._enter(State.FAULT, reason, why, now)

    def _settle(self, now: float) -> None:
        """Enter or leave FAULT as the facts demand; leave INIT once the ground is swept."""
        if self._stopping or not self._swept or not self._link_known:
            return
        self._obstacles.pass_time(now)
        obstacle = self._obstacles.first(self._claim)
        if obstacle is not None and self.state is not State.FAULT:
            self._enter(State.FAULT, *obstacle, now)
        elif obstacle is not None:
            self._why = obstacle[1]
        elif self.state is State.INIT:
            self._enter(State.BACKUP, Reason.STARTUP, "ready: listening for a master", now)
        elif self.state is State.FAULT:
            self._enter(State.BACKUP, Reason.RECOVERED, "the fault is over: listening for a master", now)

    def _enter(self, new: State, reason: Reason, detail: str, now: float) -> None:
        old = self.state
        leaving = new is not State.MASTER and (old is State.MASTER or self._acquiring is not None)
        if leaving:
            self._out += self._claim.end(now, farewell=old is State.MASTER and reason in _RESIGNS)
        self._acquiring = None
        self.state, self._since, self._why = new, now, detail
        if new is State.BACKUP:
            self._contention.begin(now)
        elif new is State.MASTER:
            before = self._peers.master
            self._replaced = before.source if before is not None and reason is Reason.PREEMPT else None
            self._out += self._claim.begin(self._fitness.priority, now)
        self._out.append(Transition(self.params.name, old, new, reason, detail))
        if leaving and reason is not Reason.SHUTDOWN:
            self._group.left(self, self.params.name, reason, now)
        if new is State.MASTER and not self._fitness.fit:
            self._warn("election", "fail_open", "serving although unfit: " + "; ".join(self._fitness.reasons))

    def _alarm(self, reason: str, detail: str, source: Address, now: float) -> None:
        self._out += self._hearing.alarm(reason, detail, source, self._contention.timer.interval, now)

    def _warn(self, component: str, reason: str, detail: str) -> None:
        self._out.append(Warned(self.params.name, component, reason, detail))
