"""The election of one virtual router (RFC 9568 section 6.4) and the rules we add to it.

States: INIT until leftovers are swept, BACKUP, MASTER, and FAULT while this node cannot hold the
VIPs at all (no interface, no source address, the kernel refuses).

Differences from the RFC, and why:
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
6. Priority 0 counts only from the master that we follow. One that comes late, or from an unknown
   sender, while another master is heard must not make a second one.
7. Routers of a sync group take over together and leave together (sync_group.py).
8. A host that cannot send is no worse a server, but it must not contend: as a master it serves until it
   hears any other one, as a backup it waits as long as an unfit one (send_health.py).
9. A master that yields to a better one advertises once more, so that the winner announces again.

The inputs are judged here and in kernel_replies.py; state_machine.py moves the state.
"""

from math import inf

from sidecar.core.actions import Action, SendAdvert
from sidecar.core.address import Address
from sidecar.core.events import (
    ClockSet,
    InterfaceChanged,
    PacketReceived,
    RouterEvent,
    SenderIdentified,
    Started,
    StopRequested,
)
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.params import RouterParams, master_down_interval
from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.admission import Admission
from sidecar.core.router.announce import AnnouncementPace
from sidecar.core.router.attention import Attention
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.picture import Painter
from sidecar.core.router.receive import Receiver
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.router.transmit import Transmitter
from sidecar.core.router.unknown_masters import UnknownMasters
from sidecar.core.snapshot import Judged, RouterSnapshot
from sidecar.core.state import Reason, State
from sidecar.core.wire.advert import Advert


class Election:
    """One virtual router. Every method is one input; the actions that follow are added to `out`."""

    def __init__(
        self,
        params: RouterParams,
        state: RouterState,
        out: list[Action],
        group: SyncGroup | None = None,
        pace: AnnouncementPace | None = None,
    ) -> None:
        state.bind(params)
        self.params = params
        self.router = state
        hmac = params.hmac
        self._authenticator = (
            None if hmac is None else Authenticator(hmac, params.vrid, params.version, state.auth)
        )
        self._transmitter = Transmitter(params, self._authenticator)
        self._active = ActiveRole(params, state, self._transmitter, out, pace or AnnouncementPace())
        self._backup = BackupRole(params, state)
        self._receiver = Receiver(params, state, Admission(params, self._authenticator), out)
        self._unknown_masters = UnknownMasters(params, state, self._receiver)
        self._out = out
        self._machine = RouterStateMachine(state, self._active, self._backup, group or SyncGroup(), out)
        self._painter = Painter(self._machine)
        self._replies = KernelReplies(self._active, self._machine, out)
        self._attention = Attention(params, state, self._authenticator)

    # ---- what the node reads

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete: nothing held and nothing under way."""
        return self._machine.stopped

    @property
    def deadline(self) -> float:
        """When `tick` is needed at the latest, if nothing happens before. Infinity: never."""
        return min(self._replies.deadline, self._machine.deadline)

    @property
    def claim_ends(self) -> float:
        """When a MASTER that has not acted since must be woken first. Infinity: it is none."""
        return self._active.until if self.router.state is State.MASTER else inf

    def take_strike(self) -> bool:
        """Return whether something happened since the last call for which flap damping makes us wait."""
        return self._machine.take_strike()

    def resignation(self, now: float) -> SendAdvert | None:
        """Return the priority 0 that peers of a MASTER should hear if this process dies now."""
        source = self._active.known_source
        if self.router.state is not State.MASTER or source is None:
            return None
        return self._transmitter.advertise(source, 0, now, inf, self.router.advertised)

    def snapshot(self, judged: Judged, now: float) -> RouterSnapshot:
        """Return the picture of this router, given how its priority came about."""
        return self._painter.picture(judged, now)

    # ---- inputs

    def hear_of_the_host(
        self, event: StopRequested | ClockSet | Started | InterfaceChanged, now: float
    ) -> None:
        """What concerns all routers of this host."""
        match event:
            case StopRequested(detail):
                self.stop(now, detail)
            case ClockSet(offset):
                self.set_clock(offset)
            case Started():
                self.start(now)
            case InterfaceChanged():
                self.set_link(event, now)

    def start(self, now: float) -> None:
        """Begin by removing what an earlier life may have left, unless it was adopted."""
        if not self.router.lease.swept:
            self._out.append(self.router.lease.drop(now))

    def adopt(self, until: float, detail: str, now: float) -> None:
        """Go on as the MASTER that an earlier process was: the VIPs are there until then at least."""
        self._machine.adopt(until, detail, now)
        self._attend(now)

    def stop(self, now: float, detail: str) -> None:
        """Resign and end. The stop is complete when `stopped` says so."""
        self._machine.stop(detail, now)

    def wake(self, now: float) -> None:
        """Before anything else in a step: a master that stalled past its lease is no longer master."""
        if self.router.state is State.MASTER and now >= self._active.until:
            slept = now - self.router.sent_at
            self._machine.step_down(Reason.STALL, f"asleep for {slept:.2f} s: somebody else may serve", now)

    def exchanged(self, before: RouterParams, now: float) -> None:
        """Other parameters count than `before`: what the kernel and the peers know is made to fit."""
        self._active.exchanged(before, self._machine.priority, now)
        self._machine.settle(now)
        # Its sockets may be other ones, which know nothing of that.
        self.router.attention_told = None
        self._attend(now)

    def leave_for_group(self, now: float) -> None:
        """A reload has put it into a sync group whose other routers are not MASTER here."""
        detail = "its sync group is new, and not all of its routers are MASTER here"
        self._machine.step_down(Reason.SYNC, detail, now)

    def set_clock(self, offset: float) -> None:
        """The wall clock is this many seconds ahead of the core's."""
        if self._authenticator is not None:
            self._authenticator.set_clock(offset)

    def set_link(self, changed: InterfaceChanged, now: float) -> None:
        """An interface is now like this. Of interest only if it is ours."""
        if changed.interface == self.params.interface:
            self._active.set_link(changed.state, now, changed.missing)
            self._active.resign(now)
            self._machine.settle(now)

    def confirm(self, now: float) -> None:
        """The checks have verdicts, so that nothing is inherited any more."""
        if self.router.state is State.MASTER:
            self._active.confirm(self._machine.priority, now)

    def set_fitness(self, fitness: EffectivePriority, now: float) -> None:
        """The checks say this."""
        self._machine.judge(fitness, now)
        self._attend(now)

    def receive(self, packet: PacketReceived, now: float) -> None:
        """A packet arrived for our VRID on our interface."""
        heard = self._receiver.hear(packet, self.router.source, now)
        if heard is None:
            return
        serving = self.router.state is State.MASTER
        if heard.advert.priority > 0:
            self.router.resignation.replaced()
        if self._machine.contends:
            held = self.router.fitness.held
            followed = self._backup.hear(heard, self._machine.priority, now, held=held)
            if followed:
                self._machine.abandon(now)
                self._follow_master(heard.source, now)
        elif serving:
            self._hear_as_master(heard.advert, heard.source, now)
        self._unknown_masters.look(heard, self._machine.priority, now, serving=serving)
        self._attend(now)

    def check_changed(self, check: str, now: float, *, up: bool) -> None:
        """A check of this host has another verdict, which counts only if this router depends on it."""
        self._machine.check_changed(check, now, up=up)

    def overhear(self, packet: PacketReceived, now: float) -> None:
        """A packet of another VRID names a VIP of ours, on our interface."""
        self._receiver.overhear(packet, now)

    def hear(self, event: RouterEvent, now: float) -> None:
        """The shell reports the outcome of a command, or what it saw in the kernel."""
        if isinstance(event, SenderIdentified):
            self.router.peers.identified(event.source, event.mac)
        self._replies.hear(event, now)
        self._attend(now)

    def tick(self, now: float) -> None:
        """Time passed. Serve every timer that ran out."""
        self._replies.tick(now)
        self._machine.tick(now)
        if (self.router.state, self.router.since) != self.router.attended:
            self._attend(now)

    # ---- hearing

    def _hear_as_master(self, advert: Advert, source: Address, now: float) -> None:
        mine, own = self._machine.priority, self.router.source
        if advert.priority == 0:
            self._active.reply(mine, now)
        elif self.router.sending.mute:
            detail = f"{source} serves too, and this host cannot be heard: {self.router.sending.error}"
            self._machine.step_down(Reason.SEND, detail, now)
            self._backup.deposed(source, advert.interval, self._machine.priority, now)
            self._follow_master(source, now)
        elif own is not None and (advert.priority, int(source)) > (mine, int(own)):
            detail = f"{source} advertised priority {advert.priority}, ours was {mine}"
            self._active.last_word(mine, now)
            self._machine.step_down(Reason.HIGHER_PRIORITY, detail, now)
            self._backup.deposed(source, advert.interval, mine, now)
            self._follow_master(source, now)
        else:
            if not self._takes_last_word(source, now):
                detail = f"{source} also serves, with priority {advert.priority}"
                self._alarm("second_master", detail, source, now)
            self._active.reply(mine, now)
            self._active.reassert(now)

    def _takes_last_word(self, source: Address, now: float) -> bool:
        """A lesser master spoke. Return whether it is the one that we have preempted, and says its last word.

        Within half an interval of our takeover that may be more than one advert: a beat of that master may
        have crossed our first one. One that goes on serving is heard again an interval later.
        """
        if source != self.router.replaced:
            self.router.replaced = None
            return False
        crossed = now - self.router.since < 0.5 * self.router.timer.interval
        expected, self.router.replaced_spoke = crossed or not self.router.replaced_spoke, True
        return expected

    def _follow_master(self, source: Address, now: float) -> None:
        """Depend on this master, unless a better one was heard just now."""
        self._note_state(now)
        if self.router.peers.master is not None and self.router.peers.master.source == source:
            self._attention.follow(source)

    def _attend(self, now: float) -> None:
        """Say whose adverts matter now: to a MASTER, and to whoever would take over."""
        self._note_state(now)
        if self._machine.contends or self.router.state is State.MASTER:
            # A mute MASTER yields to anybody.
            floor = UNFIT_PRIORITY if self.router.sending.mute else self._machine.priority
            self._out += self._attention.news(floor, self.router.source)

    def _note_state(self, now: float) -> None:
        """Search for a master from the moment on in which this router became one that would take over."""
        state, since = self.router.state, self.router.since
        if self._machine.contends and (state, since) != self.router.attended:
            timer = self.router.timer
            wait = master_down_interval(self._machine.priority, timer.interval, self.params.version)
            self._attention.search(now + wait)
        self.router.attended = state, since

    def _alarm(self, reason: str, detail: str, source: Address, now: float) -> None:
        self._receiver.alarm(reason, detail, source, self.router.timer.interval, now)
