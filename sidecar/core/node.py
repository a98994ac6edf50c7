"""All virtual routers of one host, and the verdicts on its checks: the only object that the shell knows.

`step` hears every event before it looks at the timers, because after a stall a timeout and the
adverts that disprove it arrive together. Before it hears anything, every master that overslept
is deposed.
"""

from collections.abc import Iterable, Mapping
from math import inf

from sidecar.core.actions import Action, AdoptionDecided, PacketDropped, SendAdvert
from sidecar.core.events import (
    ClockSet,
    Event,
    InterfaceChanged,
    LeaseFound,
    LeasesFound,
    PacketReceived,
    Started,
    StopRequested,
)
from sidecar.core.health.damping import Damping
from sidecar.core.health.effective_priority import Inherited, judge
from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverBack,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.core.health.params import OBSERVER_SILENCE
from sidecar.core.health.verdicts import CheckBelief, Verdicts, changed
from sidecar.core.params import NodeParams
from sidecar.core.router import adoption
from sidecar.core.router.differences import claimed_bytes
from sidecar.core.router.election import Election
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.schedule import Schedule
from sidecar.core.snapshot import Snapshot
from sidecar.core.stall import Stalled
from sidecar.core.state import Adoption, State
from sidecar.core.wire.advert import Drop


class Node:
    """Decides. `now` is seconds of any clock that never goes back and counts while suspended.

    `silence`: seconds without a word of the observer after which event-driven checks count as failed.
    """

    def __init__(self, params: NodeParams, now: float, silence: float = OBSERVER_SILENCE) -> None:
        self.params = params
        self._out: list[Action] = []
        """The actions of this step. Every part adds its own, so their order is that of cause and effect."""
        self._build({router.name: RouterState.begin(router, now) for router in params.routers})
        self._dampings = {router.name: Damping(router.damping) for router in params.routers}
        self._verdicts = Verdicts(params.checks, silence, now)
        self._silence = silence
        self._stopping = False
        self._judge_at = inf
        """When the next hold-down ends, or the next inherited priority."""
        self._judge_all(now)
        self._schedule.settle()

    def step(self, events: Iterable[Event], now: float) -> list[Action]:
        """Take what happened and the time, return what to do, in the order in which to do it."""
        for election in self._schedule.overslept(now):
            election.wake(now)
        for event in events:
            self._hear(event, now)
        self._note_checks(self._verdicts.age(now), now)
        if now >= self._judge_at:
            self._judge_all(now)
        concerned = self._schedule.concerned(now)
        for election in concerned:
            election.tick(now)
        self._count_strikes(concerned, now)
        self._end_inheritances(concerned, now)
        self._schedule.settle()
        actions = self._out.copy()
        self._out.clear()
        return actions

    @property
    def deadline(self) -> float:
        """When `step` is needed at the latest, if nothing happens before. Infinity: never."""
        return min(self._schedule.deadline, self._verdicts.deadline, self._judge_at)

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete."""
        return self._stopping and all(election.stopped for election in self._elections.values())

    @property
    def verdicts(self) -> tuple[CheckVerdict, ...]:
        """The verdicts of the observer: a new one goes on from there."""
        return self._verdicts.handed

    def resignations(self, now: float) -> dict[str, SendAdvert]:
        """Return for each MASTER the priority 0 that its peers should hear if this process dies now."""
        said = {name: election.resignation(now) for name, election in self._elections.items()}
        return {name: advert for name, advert in said.items() if advert is not None}

    def snapshot(self, now: float) -> Snapshot:
        """Return one immutable picture of everything."""
        return Snapshot(
            node=self.params.node,
            at=now,
            routers=tuple(election.snapshot(now) for election in self._elections.values()),
            checks=self._verdicts.snapshot(),
            stopping=self._stopping,
        )

    def _build(self, states: Mapping[str, RouterState]) -> None:
        """Make the routers, each from what it remembers."""
        params = self.params
        groups = {name: group for names in params.sync_groups for group in (SyncGroup(),) for name in names}
        self._elections = {
            router.name: Election(router, states[router.name], self._out, groups.get(router.name))
            for router in params.routers
        }
        self._schedule = Schedule(self._elections, params.sync_groups)
        elections = self._elections.values()
        self._by_vrid = {(e.params.interface, e.params.family, e.params.vrid): e for e in elections}
        self._by_vip = {
            (e.params.interface, vip.ip.packed): e for e in elections for vip in e.params.addresses
        }

    def _hear(self, event: Event, now: float) -> None:
        match event:
            case PacketReceived():
                self._route(event, now)
            case (
                CheckVerdict()
                | ChecksFresh()
                | Stalled()
                | ObserverSilent()
                | ObserverBack()
                | ObserverStarted()
            ):
                self._note_checks(self._verdicts.hear(event, now), now)
            case LeasesFound(leases):
                self._adopt(leases, now)
            case StopRequested() | ClockSet() | Started() | InterfaceChanged():
                self._stopping |= isinstance(event, StopRequested)
                for election in self._elections.values():
                    _hear_of_the_host(self._schedule.touch(election), event, now)
            case _:
                self._schedule.touch(self._elections[event.router]).hear(event, now)

    def _adopt(self, leases: tuple[LeaseFound, ...], now: float) -> None:
        """Go on where an earlier process was killed, if it has left a proof; else that is swept later."""
        routers = {name: (election.params, election.router) for name, election in self._elections.items()}
        found = adoption.judge_all(routers, self.params.sync_groups, leases, now)
        adopted = {name: each for name, each in found.items() if each.result is Adoption.ADOPTED}
        for name, each in adopted.items():
            seconds = min(self._silence, each.record.seconds, self._shortest_age(name))
            self._elections[name].router.inherited = Inherited(each.record.priority, now + seconds)
        self._judge_all(now)
        for name, each in found.items():
            self._out.append(AdoptionDecided(name, each.result, each.detail))
            if name in adopted:
                self._schedule.touch(self._elections[name]).adopt(each.lease.until, each.detail, now)

    def _shortest_age(self, router: str) -> float:
        """Return for how many seconds every check of a router could be believed if it had a result now."""
        names = self._elections[router].params.checks
        ages = (
            check.max_age + check.told_within
            for check in self.params.checks
            if check.name in names and check.max_age is not None
        )
        return min(ages, default=inf)

    def _end_inheritances(self, concerned: Iterable[Election], now: float) -> None:
        """Only a MASTER goes on with the priority of an earlier process: a backup must know its checks."""
        left = [
            election
            for election in concerned
            if election.router.inherited is not None and election.router.state is not State.MASTER
        ]
        for election in left:
            election.router.inherited = None
            self._dampings[election.params.name].forget_fitness()
        if left:
            self._judge_all(now)

    def _count_strikes(self, concerned: Iterable[Election], now: float) -> None:
        """Damp what no check sees: faults, and masters that nobody heard."""
        struck = [election.params.name for election in concerned if election.take_strike()]
        for name in struck:
            self._dampings[name].fault(now)
        if struck:
            self._judge_all(now)

    def _route(self, packet: PacketReceived, now: float) -> None:
        """Hand a packet to the router of its VRID. The VRID is the second byte of every version."""
        vrid = packet.payload[1] if len(packet.payload) > 1 else -1
        election = self._by_vrid.get((packet.interface, packet.source.version, vrid))
        if election is None:
            self._route_by_vip(packet, now)
            return
        self._schedule.touch(election).receive(packet, now)

    def _route_by_vip(self, packet: PacketReceived, now: float) -> None:
        """Hand a packet of no VRID of ours to the router whose VIP it names, if there is one."""
        for claimed in claimed_bytes(packet):
            election = self._by_vip.get((packet.interface, claimed))
            if election is not None:
                self._schedule.touch(election).overhear(packet, now)
                return
        drop = Drop.VRID if len(packet.payload) > 1 else Drop.LENGTH
        self._out.append(PacketDropped(None, packet.interface, packet.source, drop))

    def _note_checks(self, changes: list[CheckBelief], now: float) -> None:
        for belief in changes:
            self._out += changed(belief)
        if changes:
            self._judge_all(now)

    def _judge_all(self, now: float) -> None:
        for election in self._elections.values():
            beliefs, inherited = self._verdicts.of(election.params.checks), election.router.inherited
            fitness = judge(election.params.priority, beliefs)
            if inherited is not None:
                kept = inherited.fitness(beliefs, now)
                fitness = kept or fitness
                election.router.inherited = inherited if kept else None
            damped = self._dampings[election.params.name].judge(fitness, now)
            self._schedule.touch(election).set_fitness(damped, now)
            if inherited is not None and election.router.inherited is None:
                election.confirm(now)
        ends = [damping.deadline for damping in self._dampings.values()]
        kept_until = (election.router.inherited for election in self._elections.values())
        ends += [each.until for each in kept_until if each is not None]
        self._judge_at = min(ends, default=inf)


def _hear_of_the_host(
    election: Election, event: StopRequested | ClockSet | Started | InterfaceChanged, now: float
) -> None:
    """Tell one router what concerns all of them."""
    match event:
        case StopRequested(detail):
            election.stop(now, detail)
        case ClockSet(offset):
            election.set_clock(offset)
        case Started():
            election.start(now)
        case InterfaceChanged():
            election.set_link(event, now)
