"""What a router says that it does next, against what a copy of its core then does.

The copy is alone with time. Nothing comes from outside but the adverts of the master that it hears, while
that one is expected to go on, and the answers of a kernel that does what it is asked. What cannot send now
cannot send later.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from math import inf
from random import Random

from sidecar.core.actions import Action, DropVips, HoldVips, SendAdvert, Transition, TrySending
from sidecar.core.events import AdvertSent, Event, PacketReceived, SendTried, VipsDropped, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import master_down_interval
from sidecar.core.router.peers import serves
from sidecar.core.snapshot import MasterSeen, RouterSnapshot, Step, Wait
from sidecar.core.state import State
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, TTL
from tests.sim.host.host import Host
from tests.sim.violation import Violation
from tests.sim.world import VRID, World

EXACT = 1e-6
"""Seconds by which a moment may differ that was computed in another way."""
QUIET = (Step.SERVES, Step.SERVES_UNFIT, Step.FOLLOWS, Step.FAULT)
"""Steps that are none."""
CHAIN = 6
"""Steps in a row that are looked at, from a hold-down to the takeover."""


@dataclass(slots=True)
class Seen:
    """How often each step was predicted, and came true."""

    steps: dict[Step, int]


class Future:
    """A copy of a node that lives on alone, from `now`. `master` goes on advertising, if there is one."""

    def __init__(self, node: Node, master: MasterSeen | None, world: World, host: Host, now: float) -> None:
        self.node: Node = deepcopy(node)
        self.now = now
        self.moves: list[tuple[float, str]] = []
        """When it asked the kernel for the VIPs ("takeover"), and its transitions."""
        self._beat_at = inf
        self._packet: PacketReceived | None = None
        if master is not None:
            self._beat_at = master.heard_at + master.interval
            self._packet = _advert(master, world, host)
        self._interval = inf if master is None else master.interval
        self._mute = self.router.cannot_send or None

    @property
    def router(self) -> RouterSnapshot:
        """What the copy shows now."""
        return self.node.snapshot(self.now).routers[0]

    def live(self, until: float) -> None:
        """Let time pass up to that moment, and no further than the first move."""
        while not self.moves:
            at = max(self.now, min(self.node.deadline, self._beat_at))
            if at > until:
                break
            self.now = at
            events: list[Event] = []
            if self._packet is not None and at >= self._beat_at:
                events, self._beat_at = [self._packet], self._beat_at + self._interval
            while (actions := self.node.step(events, at)) and (events := list(self._answers(actions))):
                pass
        self.now = max(self.now, until) if not self.moves else self.now

    def _answers(self, actions: list[Action]) -> Iterator[Event]:
        for action in actions:
            match action:
                case HoldVips():
                    if self.router.state is not State.MASTER:
                        self.moves.append((self.now, "takeover"))
                    yield VipsHeld(action.router, self.now)
                case DropVips():
                    yield VipsDropped(action.router)
                case TrySending():
                    yield SendTried(action.router, self._mute)
                case SendAdvert(confirm=True):
                    yield AdvertSent(action.router)
                case Transition():
                    self.moves.append((self.now, action.new))
                case _:
                    pass


def _advert(master: MasterSeen, world: World, host: Host) -> PacketReceived:
    """Return the next advert of a master."""
    plan = world.plan
    addresses = tuple(vip.ip for vip in plan.vips)
    said = Advert(VRID, master.priority, round(master.interval * 100), addresses, plan.version)
    to = host.address if plan.unicast else GROUPS[plan.family]
    return PacketReceived("eth0", master.source, to, TTL, encode(said, master.source, to, pseudo_header=True))


def watch(world: World, seen: dict[Step, int], rng: Random, *, every: float) -> None:
    """Look at a host now and then. Not where adverts are signed: those of the copy are not."""
    if world.plan.signed:
        return

    def look() -> None:
        host = rng.choice(world.hosts)
        if _at_rest(host):
            try:
                step = check(world, host)
            except Violation as wrong:
                wrong.add_note(f"host {host.number} at {world.timeline.now}")
                raise
            seen[step] = seen.get(step, 0) + 1
        world.timeline.after(rng.uniform(0, 2 * every), look)

    world.timeline.after(rng.uniform(0, every), look)


def _at_rest(host: Host) -> bool:
    """Whether nothing is under way: no answer of the kernel, nothing unread."""
    if (
        host.node is None
        or host.frozen
        or host.process.stalled
        or host.process.stopping
        or host.process.loop.waiting
    ):
        return False
    (election,) = host.node._elections.values()
    if election.router.inherited is not None:
        return False  # checks of which no result has come are to have one soon
    deadline = host.node.deadline
    return election.router.lease.settled and election.router.link_known and deadline > host.clock


def check(world: World, host: Host) -> Step:
    """Demand that what the host says comes true. Return what it says."""
    assert host.node is not None
    now, node = host.clock, host.node
    shown = node.snapshot(now).routers[0]
    (election,) = node._elections.values()
    heard = election.router.peers.master
    timer = election.router.timer
    alive = heard is not None and timer.wait is not Wait.AFTER_US and serves(heard, timer.interval, now)
    wait = master_down_interval(1, max(timer.interval, world.plan.interval), world.plan.version)
    future = Future(node, heard if alive and shown.state is not State.MASTER else None, world, host, now)
    _steps(world, future, 3 * wait)
    if shown.outlook.step is Step.FOLLOWS:
        _silence(world, Future(node, None, world, host, now), shown, timer.since)
    return shown.outlook.step


def _steps(world: World, future: Future, horizon: float) -> None:
    """Follow one prediction after the other, until the VIPs are asked for or nothing more is predicted."""
    wrong = partial(Violation, "forecast", world.timeline.now)
    for _ in range(CHAIN):
        outlook, began = future.router.outlook, future.now
        if outlook.step in QUIET:
            future.live(future.now + horizon)
            if future.moves:
                raise wrong(f"{outlook} at {began}, and then {future.moves}")
            return
        at = max(outlook.at or 0.0, future.now)
        if outlook.step in (Step.TAKES_OVER, Step.STARTUP_DELAY, Step.ASKS_KERNEL):
            future.live(at + EXACT)
            if [move for _, move in future.moves[:1]] != ["takeover"] or future.moves[0][0] < at - EXACT:
                raise wrong(f"{outlook} at {began}, and then {future.moves}")
            return
        if outlook.step not in (Step.HELD_DOWN, Step.PREEMPT_DELAY):
            return
        future.live(at)
        if future.moves:
            moved, what = future.moves[0]
            # The owner of the addresses preempts at once, and waits for no advert.
            if outlook.step is Step.HELD_DOWN and what == "takeover" and moved >= at - EXACT:
                return
            raise wrong(f"{outlook} at {began}, and then {future.moves}")
        # The next advert, or the end of the hold-down, is judged anew.
        future.live(future.now + EXACT if outlook.step is Step.HELD_DOWN else future.now + future._interval)
        if future.router.outlook.step is outlook.step or future.moves:
            raise wrong(f"{outlook} at {began}, and then {future.router.outlook} {future.moves}")


def _silence(world: World, future: Future, shown: RouterSnapshot, since: float) -> None:
    """A router that follows a master takes over when that one has been silent for the time that it shows.

    It is sooner where the last advert of that master did not restart the timer, which the next one will, and
    later where one of another master did, which is better than this host and not as good as that one.
    """
    assert shown.master is not None
    silent_since = max(shown.master.heard_at, shown.waits_since)
    at = max(future.now, silent_since + shown.master_down_interval)
    future.live(at + EXACT)
    sooner = since < shown.master.heard_at
    took = [moved for moved, what in future.moves[:1] if what == "takeover"]
    if not took or (took[0] < at - EXACT and not sooner):
        raise Violation("forecast", world.timeline.now, f"silence until {at}, and then {future.moves}")
