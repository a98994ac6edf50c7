"""Properties, checked on the acts of the processes and the state of the kernels.

Each method is called when something happened, and raises Violation. S and L numbers are the safety
and liveness properties of docs/simulation.md.
"""

from collections import deque
from dataclasses import replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from sidecar.core.actions import (
    Action,
    AdoptionDecided,
    Announce,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PacketDropped,
    SendAdvert,
    Transition,
    Warned,
)
from sidecar.core.address import Address
from sidecar.core.events import Event, PacketReceived
from sidecar.core.params import KERNEL_EXPIRY, LOOP_LATENESS, PAIR, master_down_interval, skew
from sidecar.core.priorities import OWNER, UNFIT_PRIORITY
from sidecar.core.router.send_health import PROOF
from sidecar.core.snapshot import Snapshot, Wait
from sidecar.core.state import Adoption, Reason, State
from tests.sim.evidence import fault_that_cost_nothing, fault_that_ended_by_time, hears_a_master, is_claim
from tests.sim.lan import DELAY
from tests.sim.restart import configuration, had_results, longest_trust, must_adopt, proof, unproven_priority
from tests.sim.staleness import LOOK, lost_before_stale, stale_believed
from tests.sim.timeline import Timeline
from tests.sim.watch import Violation, Watch, picture

if TYPE_CHECKING:
    from tests.sim.host import Host

SHORTLY = 0.1
"""Seconds between a decision and its act at most, if nothing stops the process."""
SURELY_MUTE = 2
"""Packets in a row that could not be sent, after which a host must know that it is not heard."""
SAME_BATCH = 0.02
"""Seconds within which two events can be in one batch of a host that is not stalled."""
START_UP = 0.4
"""Seconds a process needs until its checks have results."""
UNTOLD = 0.5
"""Seconds after which a host surely knows a result, and its kernel does."""
REPLIES_A_SECOND = 10


class Monitors:
    """`overlap` is the bound of S1 in seconds, infinite while the network is cut; `lossless`: L2 applies."""

    def __init__(self, timeline: Timeline, *, overlap: float, lossless: bool) -> None:
        self.hosts: list[Host] = []
        self.overlap = overlap
        self.lossless = lossless
        self.rogues: frozenset[Address] = frozenset()
        self.quiet = False
        self.trace: list[str] | None = None
        self._shown: dict[int, str] = {}
        self.transitions: list[tuple[float, int, Transition]] = []
        self._timeline = timeline
        self._watch: dict[int, Watch] = {}
        self._together: dict[tuple[int, int], float] = {}
        self._gap_since: float | None = None

    # ---- S1 overlap, L1 and L5 gap: the kernels' truth

    def recount(self) -> None:
        """A kernel's addresses or a link changed."""
        now = self._timeline.now
        holders = [h for h in self.hosts if h.link_up and h.kernel.ours]
        pairs = {(a.number, b.number) for a in holders for b in holders if a.number < b.number}
        for pair in [pair for pair in self._together if pair not in pairs]:
            del self._together[pair]
        for pair in pairs:
            if pair not in self._together and self.overlap < inf:
                self._together[pair] = now
                self._timeline.after(self.overlap, partial(self._still_together, pair, now))
        self.check_gap()
        if holders:
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = now

    def _still_together(self, pair: tuple[int, int], since: float) -> None:
        if self._together.get(pair) == since:
            self._fail("overlap", f"hosts {pair} hold the VIP together since {since:.3f}")

    def check_gap(self) -> None:
        """Nobody holds the VIP: is a host that could have taken it too late?"""
        if self._gap_since is None:
            return
        for host in self.hosts:
            since = max(self._gap_since, self._watch[host.number].ready_since)
            if self._timeline.now - since > self._patience(host):
                self._fail("gap", f"host {host.number} could have served since {since:.3f}")

    def _patience(self, host: "Host") -> float:
        router = host.params.routers[0]
        wait = master_down_interval(self.effective(host), router.interval, router.version)
        return wait + self._slack(host)

    def effective(self, host: "Host") -> int:
        """The priority a host should have; the lowest one where it may have that, too."""
        well = all(host.good.values()) and host.observer.sure and not host.drained
        return host.params.routers[0].priority if well else UNFIT_PRIORITY

    def held(self, host: "Host") -> bool:
        """Whether a host is held down, and should be."""
        until = None if host.node is None else host.node.snapshot(0.0).routers[0].held_until
        return until is not None and host.clock < until

    def should_serve_instead(self, other: "Host", holder: "Host") -> bool:
        """Whether another host should preempt the one that has the VIP."""
        mine, theirs = self.effective(other), self.effective(holder)
        return mine > theirs and not (self.held(other) and theirs > UNFIT_PRIORITY)

    def _slack(self, host: "Host") -> float:
        return LOOP_LATENESS + DELAY + 3 * host.kernel.ack_delay

    # ---- what becomes of the hosts

    def enrol(self, host: "Host") -> None:
        """A host exists."""
        self.hosts.append(host)
        self._watch[host.number] = Watch()
        host.kernel.changed = self.recount

    def ready(self, host: "Host", after: float = 0.0) -> None:
        """Nothing keeps this host from serving, `after` seconds from now."""
        watch = self._watch[host.number]
        watch.not_before = max(watch.not_before, self._timeline.now + after)
        able = host.node is not None and not (host.frozen or host.stalled or host.stopping) and host.link_up
        kernel = host.kernel
        if able and not (kernel.foreign or kernel.refuses or kernel.refuses_to_add or kernel.stuck):
            watch.ready_since = watch.not_before

    def unready(self, host: "Host") -> None:
        """It cannot be asked to serve. Whether it should have before, is looked at first."""
        self.check_gap()
        self._watch[host.number].ready_since = inf

    def restarted(self, host: "Host") -> None:
        self.unready(host)
        watch = self._watch[host.number]
        watch.swept = watch.must_drop = watch.master = False
        watch.unheard = 0
        watch.adopted_with = None
        self.ready(host, START_UP)
        router = host.params.routers[0]
        # The peers of another virtual router do not hear what is said of this one.
        same = watch.held_under == configuration(host.params)
        if same and host.kernel.ours and router.lease + KERNEL_EXPIRY <= 3 * router.interval:
            self._expect_handover(host)

    def died(self, host: "Host", *, clean: bool) -> None:
        self.unready(host)
        watch = self._watch[host.number]
        watch.disturbed += not clean
        watch.unproven_until = inf if had_results(host) else host.trusted_until
        watch.surely_proven = had_results(host, before=UNTOLD) and not host.kernel.late
        if clean and host.kernel.ours:
            self._fail("vip-kept", f"host {host.number} has ended and left the VIP")

    def frozen(self, host: "Host") -> None:
        self.unready(host)
        self._watch[host.number].disturbed += 1

    def thawed(self, host: "Host", slept: float) -> None:
        router = host.params.routers[0]
        self._watch[host.number].thawed_at = self._timeline.now
        if slept > min(3 * router.interval, router.lease) and host.state is State.MASTER:
            self._watch[host.number].must_drop = True
        self.ready(host)

    def link_changed(self, host: "Host") -> None:
        self.unready(host)
        self.ready(host)
        self.recount()
        if host.link_up and not host.frozen and self._just_left(host, Reason.LINK):
            self._expect_handover(host)

    def _just_left(self, host: "Host", reason: Reason) -> bool:
        """Whether this host was the last to leave MASTER, for this reason, and its peers still wait."""
        if not self.transitions:
            return False
        at, number, last = self.transitions[-1]
        patience = 2 * host.params.routers[0].interval
        left = last.old is State.MASTER and last.reason is reason
        return number == host.number and left and self._timeline.now - at < patience

    def doubted(self, host: "Host") -> None:
        """The verdicts of a host are about to change, or certain again."""
        if self._watch[host.number].ready_since < inf:
            self.unready(host)
            self.ready(host)

    def look(self, host: "Host") -> None:
        """See what a host believes, again and again."""
        if stale := stale_believed(host):
            self._fail("stale-believed", f"host {host.number} {stale}")
        self._timeline.after(LOOK, partial(self.look, host))

    def reloaded(self, host: "Host") -> None:
        """A host has other parameters: whoever waits for it or beside it counts anew."""
        if self._watch[host.number].ready_since < inf:
            self.unready(host)
            self.ready(host)
        self.recount()

    def judging(self, host: "Host", name: str, *, good: bool) -> None:
        """A check of a host is about to change."""
        watch = self._watch[host.number]
        if watch.ready_since < inf:
            self.unready(host)
            self.ready(host)
        well = all(host.good.values()) and not host.drained
        if watch.master and not good and well and host.observer.tells_at_once(name):
            self._unless_moved(host, "unfit-master", "its check failed and it did not resign")

    def draining(self, host: "Host") -> None:
        """An operator drains a host."""
        self.doubted(host)
        if self._watch[host.number].master and self.effective(host) > UNFIT_PRIORITY:
            self._unless_moved(host, "drained-master", "it was drained and did not resign")

    def robbed(self, host: "Host") -> None:
        """Somebody removed the VIPs of a host."""
        if self._watch[host.number].master and not host.kernel.ours:
            self._unless_moved(
                host, "vip-not-restored", "the VIP was taken away and not put back", held=False
            )

    def _unless_moved(self, host: "Host", monitor: str, detail: str, *, held: bool | None = None) -> None:
        """Within a moment the host must have moved, or else hold what it should."""
        watch = self._watch[host.number]
        mark = (watch.moves, watch.disturbed, watch.ready_since)

        def judge() -> None:
            untouched = (watch.moves, watch.disturbed, watch.ready_since) == mark and watch.ready_since < inf
            if untouched and (held is None or bool(host.kernel.ours) is held):
                self._fail(monitor, f"host {host.number}: {detail}")

        self._timeline.after(0.1 + 3 * host.kernel.ack_delay, judge)

    # ---- S3 to S7: what a process does

    def _after_a_start(self, host: "Host", actions: list[Action]) -> None:
        """Nothing is taken over from an earlier life but what is proven, and by nobody but its MASTER."""
        for action in actions:
            if isinstance(action, AdoptionDecided):
                self._decided(host, action)
        if unproven_priority(host):
            self._fail("unproven-priority", f"host {host.number} contends and has no verdict of its checks")

    def _decided(self, host: "Host", decision: AdoptionDecided) -> None:
        """A process that has started goes on with the claim of an earlier one, or does not."""
        watch, now = self._watch[host.number], self._timeline.now
        self._note(host, decision)
        if decision.result is not Adoption.ADOPTED:
            return
        if not proof(host, watch):
            self._fail("adopted-without-proof", f"host {host.number} goes on: {decision.detail}")
        if now > watch.unproven_until:
            self._fail("adopted-without-proof", f"host {host.number} has had no verdict for several lives")
        watch.swept = watch.master = True
        watch.adopted_with = watch.held_with
        host.trusted_until = min(watch.unproven_until, now + longest_trust(host))

    def performed(self, host: "Host", command: Command) -> None:
        """A command is being carried out, now."""
        watch = self._watch[host.number]
        self._note(host, command)
        if not watch.swept and not isinstance(command, DropVips):
            self._fail("vip-at-start", f"host {host.number} acts before it has swept")
        undecided = not watch.swept or watch.adopted_with is not None
        if isinstance(command, DropVips) and undecided and must_adopt(host, watch):
            self._fail("living-lease-swept", f"host {host.number} gives up what its last life has left it")
        watch.swept = True
        match command:
            case DropVips():
                watch.must_drop = host.kernel.ran_out = False
            case HoldVips():
                watch.holds += 1
                watch.held_under, watch.held_with = configuration(host.params), _fitness(host)
                mute = host.sees_trials and self._timeline.now - host.mute_since > PROOF + SHORTLY
                if mute and not watch.master and hears_a_master(host):
                    self._fail("mute-preempted", f"host {host.number} takes the VIP, and nobody hears it")
                if watch.must_drop or (watch.master and host.kernel.ran_out):
                    self._fail("act-after-stall", f"host {host.number} takes back what it had lost")
            case SendAdvert(priority=0):
                if host.kernel.ours:
                    self._fail("zero-while-held", f"host {host.number} resigns and still has the VIP")
            case SendAdvert() | Announce():
                self._spoke(host, command, watch)

    def told(self, host: "Host", *, heard: bool) -> None:
        """The kernel has sent an advertisement or a trial, or has refused it. Old refusals are forgotten."""
        watch, now = self._watch[host.number], self._timeline.now
        in_a_row = watch.unheard if now - watch.told_at <= 2 * host.params.routers[0].interval else 0
        watch.unheard, watch.told_at = 0 if heard else in_a_row + 1, now

    def _told_now(self, watch: Watch) -> bool:
        """Whether the process may not have heard yet what became of its last advertisement."""
        return self._timeline.now - watch.told_at < SAME_BATCH

    def arrives(self, host: "Host", event: Event) -> None:
        """A packet reaches a host. A master that nobody hears gives way to any other one."""
        watch = self._watch[host.number]
        # A packet and the kernel's answer that reach a process together are heard in any order.
        deaf = host.frozen or host.stalled or host.params.routers[0].hmac is not None or self._told_now(watch)
        if not (watch.master and watch.unheard >= SURELY_MUTE and is_claim(event, self.rogues)) or deaf:
            return
        mark = (watch.moves, watch.disturbed)

        def judge() -> None:
            if (watch.moves, watch.disturbed) == mark and watch.unheard >= SURELY_MUTE:
                self._fail("mute-stays", f"host {host.number} is MASTER beside another one that it hears")

        self._timeline.after(0.1, judge)

    def _spoke(self, host: "Host", command: SendAdvert | Announce, watch: Watch) -> None:
        what = type(command).__name__
        if watch.must_drop:
            self._fail("act-after-stall", f"host {host.number}: {what} after it overslept")
        if not host.kernel.ours and not host.kernel.taken:
            self._fail("claim-without-hold", f"host {host.number}: {what} without the VIP")
        interval = host.params.routers[0].interval
        if isinstance(command, SendAdvert):
            before, watch.adopted_with = watch.adopted_with, None
            if before not in (None, command.priority) and not host.was_drained:
                self._fail(
                    "false-priority", f"host {host.number} goes on with {command.priority}, not {before}"
                )
            self._expect_true_priority(host, command, watch)
            self._rate(watch.adverts, 1 / interval + REPLIES_A_SECOND + 2, "storm", host)
        else:
            self._rate(watch.announcements, REPLIES_A_SECOND + 2, "announcement-storm", host)

    def _expect_true_priority(self, host: "Host", command: SendAdvert, watch: Watch) -> None:
        """The effective priority is the one that is compared with those of others."""
        if host.node is None:
            return
        now = host.node.snapshot(0.0).routers[0].effective_priority
        if command.priority not in {watch.priority, now}:
            self._fail("false-priority", f"host {host.number} says {command.priority} and has {now}")

    def _rate(self, times: deque[float], most: float, monitor: str, host: "Host") -> None:
        now = self._timeline.now
        times.append(now)
        while times[0] < now - 1:
            times.popleft()
        if len(times) > most:
            self._fail(monitor, f"host {host.number} sent {len(times)} in one second")

    # ---- S5, L2, L6: what a process says it is

    def moved(self, host: "Host", transition: Transition) -> None:
        """A transition."""
        watch, now = self._watch[host.number], self._timeline.now
        self._note(host, transition)
        self.transitions.append((now, host.number, transition))
        if self.quiet:
            self._fail("restless", f"host {host.number}: {transition}")
        watch.moves += 1
        watch.master = transition.new is State.MASTER
        self._expect_a_cause(host, transition.reason)
        if transition.new is State.MASTER:
            return
        if transition.reason is Reason.HIGHER_PRIORITY:
            self._expect_better(host)
        if transition.reason is Reason.HEALTH and (lost := lost_before_stale(host)):
            self._fail("lost-before-stale", f"host {host.number} {lost}")
        mark, life, refuses = (watch.moves, watch.holds, watch.disturbed), host.life, host.kernel.refuses

        def gone() -> None:
            same = (watch.moves, watch.holds, watch.disturbed) == mark and host.life == life
            if same and host.kernel.ours and not (refuses or host.kernel.refuses or host.kernel.stuck):
                self._fail("vip-kept", f"host {host.number} is {transition.new} and has the VIP")

        self._timeline.after(0.1 + 3 * host.kernel.ack_delay, gone)
        if (
            watch.thawed_at < now
            and transition.old is State.MASTER
            and transition.reason in {Reason.SHUTDOWN, Reason.HEALTH, Reason.DRAIN}
        ):
            self._expect_handover(host)

    def _expect_a_cause(self, host: "Host", reason: Reason) -> None:
        """What a transition says of its cause is true."""
        watch = self._watch[host.number]
        match reason:
            case Reason.SEND if not watch.unheard and not self._told_now(watch):
                self._fail("muted-though-heard", f"host {host.number} yields")
            case Reason.DRAIN if not host.drained and not host.was_drained:
                self._fail("drain-without-operator", f"host {host.number} yields")
            case Reason.PREEMPT:
                self._expect_no_ban(host)
            case Reason.PRIORITY_ZERO:
                self._expect_a_resignation(host)
            case Reason.MASTER_DOWN:
                self._expect_silence(host)

    def _expect_no_ban(self, host: "Host") -> None:
        """A host that is held down, or drained, preempts nobody who is fit."""
        if host.node is None or not (self.held(host) or host.surely_drained):
            return
        master = host.node._elections["web"].router.peers.master
        if master is not None and master.priority > UNFIT_PRIORITY:
            monitor = "held-preempted" if self.held(host) else "drained-preempted"
            self._fail(monitor, f"host {host.number} took the VIP from {master.source}")

    def _expect_a_resignation(self, host: "Host") -> None:
        """Nobody but the master that was followed starts a takeover without skew."""
        router = None if host.node is None else host.node._elections["web"].router
        if router is None or router.timer.wait is not Wait.ALONE:
            return
        if router.leaver not in {other.address for other in self.hosts}:
            self._fail("stranger-believed", f"host {host.number} took over from {router.leaver} at once")

    def _expect_silence(self, host: "Host") -> None:
        """A crash is told from a slow master by a whole master-down interval, in a pair, too."""
        timer = None if host.node is None else host.node._elections["web"].router.timer
        if timer is None or timer.wait is not Wait.SILENCE:
            return
        router = host.params.routers[0]
        if host.clock - timer.since < master_down_interval(router.priority, timer.interval, router.version):
            self._fail("impatient", f"host {host.number} waited {host.clock - timer.since:.3f} s")

    def _expect_better(self, host: "Host") -> None:
        if host.node is None:
            return
        # In one step a check may pass after the packet was heard.
        then, now = self._watch[host.number].priority, host.node.snapshot(0.0).routers[0].effective_priority
        mine = (min(then, now), int(host.address))
        if not any((h.said, int(h.address)) > mine for h in self.hosts if h is not host):
            self._fail("yielded-to-less", f"host {host.number} gave way, and nobody is better")

    def _expect_handover(self, host: "Host") -> None:
        others = [
            h
            for h in self.hosts
            if h is not host
            and self._watch[h.number].ready_since < self._timeline.now
            and h.state is State.BACKUP
        ]
        if not others or not self.lossless or host.kernel.refuses or host.kernel.foreign or not host.link_up:
            return
        best = max(others, key=self.effective)
        mark = self._undisturbed(host, best)
        router = best.params.routers[0]
        wait = skew(self.effective(best), router.interval, router.version)
        if router.hosts == PAIR and self._follows(best, host):
            wait = 0.0
        if self._seemed_not_to_leave(host, best):
            wait = master_down_interval(self.effective(best), router.interval, router.version)

        def served() -> None:
            nobody = not any(h.link_up and h.kernel.ours for h in self.hosts)
            if nobody and self._undisturbed(host, best) == mark:
                self._fail("slow-handover", f"host {host.number} resigned, host {best.number} did not follow")

        self._timeline.after(wait + self._slack(best) + self._slack(host), served)

    def _follows(self, backup: "Host", master: "Host") -> bool:
        """Whether a backup has heard this master, and nobody else after it."""
        node = backup.node
        followed = None if node is None else node._elections["web"].router.peers.master
        return followed is not None and followed.source == master.address

    def _seemed_not_to_leave(self, host: "Host", best: "Host") -> bool:
        """Whether an owner, who waits for nobody, was back within an interval of the takeover after it left.

        Then it cannot be told from one in whose name somebody else said farewell, and is not believed again
        for a master down interval.
        """
        if self._timeline.now - host.reloaded_at < 4 * host.params.routers[0].interval:
            # Below us and above us again within an interval: such a master is not believed when it leaves.
            return True
        now, router = self._timeline.now, best.params.routers[0]
        taken = [
            at
            for at, number, transition in self.transitions
            if number == best.number and transition.reason in {Reason.PRIORITY_ZERO, Reason.OWNER}
        ]
        # It may have been unfit when it saw the owner come back.
        longest = master_down_interval(UNFIT_PRIORITY, router.interval, router.version)
        return (
            host.params.routers[0].priority == OWNER
            and bool(taken)
            and now - taken[-1] <= longest + self._slack(best)
        )

    def _undisturbed(self, host: "Host", best: "Host") -> tuple[float, ...]:
        """Values that stay the same while a handover goes on and nothing else happens."""
        takeovers = sum(1 for _, _, transition in self.transitions if transition.new is State.MASTER)
        return self._watch[best.number].ready_since, self._watch[host.number].disturbed, takeovers

    # ---- every step: the deadline moves on; S11: refused packets move nothing

    def before_step(self, host: "Host", events: list[Event], now: float) -> tuple[float, Snapshot] | None:
        """Remember what refused packets must not change."""
        node = host.node
        if node is not None:
            self._watch[host.number].priority = node._elections["web"]._machine.priority
        if node is None or not self.rogues or not events or now >= node.deadline:
            return None
        if any(not isinstance(e, PacketReceived) or e.source not in self.rogues for e in events):
            return None
        return node.deadline, _without_mismatches(node.snapshot(now))

    def stepped(
        self,
        host: "Host",
        before: tuple[float, Snapshot] | None,
        events: list[Event],
        actions: list[Action],
        now: float,
    ) -> None:
        """A step is over."""
        node = host.node
        if node is None:
            return
        if self.trace is not None:
            self._note_picture(host, picture(node.snapshot(now)))
        self._after_a_start(host, actions)
        if untried := fault_that_ended_by_time(events, actions):
            self._fail("untried-recovery", f"host {host.number}: {untried}")
        if free := fault_that_cost_nothing(host, actions, now):
            self._fail("fault-unpunished", f"host {host.number}: {free}")
        if node.deadline <= now and not actions:
            self._fail("spinning", f"host {host.number}: deadline {node.deadline:.3f} is past after a step")
        if before is not None:
            drops = [action for action in actions if isinstance(action, PacketDropped)]
            told = [action for action in actions if isinstance(action, Warned | Identify)]
            refused = len(drops) == len(events) and len(drops) + len(told) == len(actions)
            after = (node.deadline, replace(_without_mismatches(node.snapshot(now)), at=before[1].at))
            if not refused or after != before:
                self._fail("refused-packet-moved", f"host {host.number}: {actions}")

    def _note(self, host: "Host", what: object) -> None:
        """Add one line to the trace."""
        if self.trace is not None:
            self.trace.append(f"{self._timeline.now!r} {host.number} {what!r}")

    def _note_picture(self, host: "Host", shown: str) -> None:
        """Add what a host says of itself to the trace, where that has changed."""
        if self._shown.get(host.number) != shown:
            self._shown[host.number] = shown
            self._note(host, shown)

    def _fail(self, monitor: str, detail: str) -> None:
        raise Violation(monitor, self._timeline.now, detail)


def _fitness(host: "Host") -> int:
    """What the checks of a host have left of its priority."""
    return 0 if host.node is None else host.node._elections["web"].router.fitness.priority


def _without_mismatches(snapshot: Snapshot) -> Snapshot:
    """All but who was refused: that alone may change with a refused packet."""
    return replace(snapshot, routers=tuple(replace(each, mismatches=()) for each in snapshot.routers))
