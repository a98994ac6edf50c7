"""All virtual routers and all checks of one host: the only object that the shell knows.

`step` hears every event before it looks at the timers, because after a stall a timeout and the
adverts that disprove it arrive together. Before it hears anything, every master that overslept
is deposed.
"""

from collections.abc import Callable, Iterable
from math import inf

from sidecar.core.actions import Action, CheckChanged, CheckFinished, PacketDropped, SendAdvert
from sidecar.core.damping import Damping
from sidecar.core.differences import claimed_bytes
from sidecar.core.election import Election
from sidecar.core.events import (
    CheckReported,
    CheckResult,
    ClockSet,
    Event,
    InterfaceChanged,
    PacketReceived,
    Stalled,
    Started,
    StopRequested,
)
from sidecar.core.fitness import judge
from sidecar.core.health import CheckState
from sidecar.core.params import NodeParams
from sidecar.core.snapshot import CheckSnapshot, Snapshot
from sidecar.core.sync_group import SyncGroup
from sidecar.core.vrrp import Drop


class Node:
    """Decides. `now` is seconds of any clock that never goes back and counts while suspended."""

    def __init__(self, params: NodeParams, now: float) -> None:
        self.params = params
        groups = {name: group for names in params.sync_groups for group in (SyncGroup(),) for name in names}
        self._elections = {
            router.name: Election(router, now, groups.get(router.name)) for router in params.routers
        }
        self._by_vrid = {
            (e.params.interface, e.params.family, e.params.vrid): e for e in self._elections.values()
        }
        self._by_vip = {
            (e.params.interface, vip.ip.packed): e
            for e in self._elections.values()
            for vip in e.params.addresses
        }
        self._dampings = {router.name: Damping(router.damping) for router in params.routers}
        self._checks = {check.name: CheckState(check, since=now) for check in params.checks}
        self._stopping = False
        self._out: list[Action] = []
        self._judge_all(now)

    def step(self, events: Iterable[Event], now: float) -> list[Action]:
        """Take what happened and the time, return what to do, in the order in which to do it."""
        self._tell_all(lambda election: election.wake(now))
        for event in events:
            self._hear(event, now)
        self._age_checks(now)
        if any(now >= damping.deadline for damping in self._dampings.values()):
            self._judge_all(now)
        self._tell_all(lambda election: election.tick(now))
        # A router may have moved the others of its sync group after their turn.
        self._tell_all(lambda _: None)
        self._count_strikes(now)
        actions, self._out = self._out, []
        return actions

    @property
    def deadline(self) -> float:
        """When `step` is needed at the latest, if nothing happens before. Infinity: never."""
        due = [election.deadline for election in self._elections.values()]
        due += [check.stale_at for check in self._checks.values()]
        due += [damping.deadline for damping in self._dampings.values()]
        return min(due, default=inf)

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete."""
        return all(election.stopped for election in self._elections.values())

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
            checks=tuple(
                CheckSnapshot(
                    c.params.name,
                    c.params.kind,
                    c.up,
                    c.detail,
                    c.since,
                    c.reported_at,
                    c.certificate_expires,
                )
                for c in self._checks.values()
            ),
            stopping=self._stopping,
        )

    def _hear(self, event: Event, now: float) -> None:
        match event:
            case PacketReceived():
                self._route(event, now)
            case CheckReported(check, result):
                self._note_check(check, result, now)
            case StopRequested(detail):
                self._stopping = True
                self._tell_all(lambda election: election.stop(now, detail))
            case Stalled(seconds):
                self._checks = {name: check.excused(seconds) for name, check in self._checks.items()}
            case ClockSet(offset):
                self._tell_all(lambda election: election.set_clock(offset))
            case Started():
                self._tell_all(lambda election: election.start(now))
            case InterfaceChanged():
                self._tell_all(lambda election: election.set_link(event, now))
            case _:
                election = self._elections[event.router]
                election.hear(event, now)
                self._collect(election)

    def _count_strikes(self, now: float) -> None:
        """Damp what no check sees: faults, and masters that nobody heard."""
        struck = [name for name, election in self._elections.items() if election.take_strike()]
        for name in struck:
            self._dampings[name].fault(now)
        if struck:
            self._judge_all(now)

    def _tell_all(self, tell: Callable[[Election], None]) -> None:
        for election in self._elections.values():
            tell(election)
            self._collect(election)

    def _route(self, packet: PacketReceived, now: float) -> None:
        """Hand a packet to the router of its VRID. The VRID is the second byte of every version."""
        vrid = packet.payload[1] if len(packet.payload) > 1 else -1
        election = self._by_vrid.get((packet.interface, packet.source.version, vrid))
        if election is None:
            self._route_by_vip(packet, now)
            return
        election.receive(packet, now)
        self._collect(election)

    def _route_by_vip(self, packet: PacketReceived, now: float) -> None:
        """Hand a packet of no VRID of ours to the router whose VIP it names, if there is one."""
        for claimed in claimed_bytes(packet):
            election = self._by_vip.get((packet.interface, claimed))
            if election is not None:
                election.overhear(packet, now)
                self._collect(election)
                return
        drop = Drop.VRID if len(packet.payload) > 1 else Drop.LENGTH
        self._out.append(PacketDropped(None, packet.interface, packet.source, drop))

    def _note_check(self, name: str, result: CheckResult, now: float) -> None:
        before = self._checks[name]
        self._out.append(CheckFinished(name, before.params.kind, result))
        self._set_check(before, before.after(result, now), now)

    def _age_checks(self, now: float) -> None:
        for before in tuple(self._checks.values()):
            self._set_check(before, before.aged(now), now)

    def _set_check(self, before: CheckState, after: CheckState, now: float) -> None:
        self._checks[after.params.name] = after
        if after.up is not before.up and after.up is not None:
            self._out.append(CheckChanged(after.params.name, after.params.kind, after.up, after.detail))
        if after.up is not before.up or (after.up is None and after.unknown is not before.unknown):
            self._judge_all(now)

    def _judge_all(self, now: float) -> None:
        for election in self._elections.values():
            mine = [self._checks[name] for name in election.params.checks]
            fitness = judge(election.params.priority, mine)
            election.set_fitness(self._dampings[election.params.name].judge(fitness, now), now)
            self._collect(election)

    def _collect(self, election: Election) -> None:
        self._out += election.take()
