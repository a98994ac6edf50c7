"""All virtual routers of one host, and the verdicts on its checks: the only object that the shell knows.

`step` hears every event before it looks at the timers, because after a stall a timeout and the adverts that
disprove it arrive together. Before it hears anything, every master that overslept is deposed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sidecar.core.actions import Action, AdoptionDecided, PacketDropped, SendAdvert
from sidecar.core.demultiplexer import Demultiplexer
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
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverBack,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.core.health.params import OBSERVER_SILENCE
from sidecar.core.health.verdicts import CheckBelief, changed
from sidecar.core.judgement import Judgement
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.past import Past
from sidecar.core.router import adoption
from sidecar.core.router.announce import AnnouncementPace
from sidecar.core.router.election import Election
from sidecar.core.router.identity import groups_formed, match
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.schedule import Schedule
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.core.stall import Stalled
from sidecar.core.state import Adoption, State
from sidecar.core.wire.advert import Drop


class Node:
    """Decides. `now` is seconds of any clock that never goes back and counts while suspended.

    `silence`: seconds without a word of the observer after which event-driven checks count as failed.
    """

    def __init__(
        self, params: NodeParams, now: float, silence: float = OBSERVER_SILENCE, past: Past | None = None
    ) -> None:
        """Begin, or go on from the `past` of another one, which has heard Started."""
        self.params = params
        self._out: list[Action] = []
        """The actions of this step. Every part adds its own, so their order is that of cause and effect."""
        self._begun_at, self._pace = now, AnnouncementPace()
        self._clock_offset: float | None = None
        begun = {router.name: RouterState.begin(router, now, now) for router in params.routers}
        self._build(begun if past is None else past.states)
        self._judgement = Judgement(params, silence, now) if past is None else past.judgement
        self._stopping, self._started = False, past is not None
        self._judge_all(now)
        self._schedule.settle()

    def step(self, events: Iterable[Event], now: float) -> list[Action]:
        """Take what happened and the time, return what to do, in the order in which to do it."""
        for election in self._schedule.overslept(now):
            election.wake(now)
        for event in events:
            self._hear(event, now)
        self._note_checks(self._judgement.verdicts.age(now), now)
        if self._judgement.due(now):
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
        return min(self._schedule.deadline, self._judgement.deadline)

    @property
    def stopped(self) -> bool:
        """Whether a requested stop is complete."""
        return self._stopping and all(election.stopped for election in self._elections.values())

    @property
    def verdicts(self) -> tuple[CheckVerdict, ...]:
        """The verdicts of the observer: a new one goes on from there."""
        return self._judgement.verdicts.handed

    # ---- other parameters

    def leave(self, params: NodeParams, now: float) -> None:
        """Other parameters are to come: routers that are not among them resign and give up their VIPs.

        What that takes, the next steps return. `exchange` may follow when `ready_for` says so.
        """
        leaving = {router.name for router in match(self.params.routers, params.routers).ended}
        if not leaving:
            return
        # None of the others leaves with them: from now on they are in no sync group.
        groups = (tuple(name for name in group if name not in leaving) for group in self.params.sync_groups)
        self.params = replace(self.params, sync_groups=tuple(group for group in groups if len(group) > 1))
        self._build({name: election.router for name, election in self._elections.items()})
        for name in leaving:
            self._schedule.touch(self._elections[name]).stop(now, "a reload has removed this router")

    def ready_for(self, params: NodeParams) -> bool:
        """Whether nothing of a router under way can be taken for that of another one after an exchange."""
        matched = match(self.params.routers, params.routers)
        renamed = [old.name for old, new in matched.kept if old.name != new.name]
        return all(self._elections[old.name].stopped for old in matched.ended) and all(
            self._elections[name].router.lease.settled for name in renamed
        )

    def exchange(self, params: NodeParams, now: float) -> list[Action]:
        """Count by these parameters from now on, return what to do at once.

        A router with the same identity goes on where it is, whatever it is called; a check of the same name
        and kind keeps its verdict. A check that a present router has not depended on counts from its first
        verdict. A router that is new begins as after a start. To be called when `ready_for` says so, and when
        the host has the new parameters: what is returned is meant for them.
        """
        for election in self._schedule.overslept(now):
            election.wake(now)
        before, old = self._elections, self.params
        matched = match(self.params.routers, params.routers)
        self._judgement.exchange(params, matched, now)
        self.params = params
        kept = {new.name: before[old.name].router for old, new in matched.kept}
        begun = {router.name: RouterState.begin(router, now, self._begun_at) for router in matched.begun}
        self._build(kept | begun)
        self._judge_all(now)
        for router in matched.begun:
            self._begin(self._elections[router.name], now)
        for router, other in matched.kept:
            if router != other:
                self._elections[other.name].exchanged(router, now)
        self._join(old, matched.begun, now)
        self._schedule.settle()
        actions = self._out.copy()
        self._out.clear()
        return actions

    def _begin(self, election: Election, now: float) -> None:
        """Have a new router do what the others did at the start."""
        if self._stopping:
            election.stop(now, "stopped while it began")
        elif self._started:
            election.start(now)

    def _join(self, old: NodeParams, begun: Iterable[RouterParams], now: float) -> None:
        """Let routers that move together from now on be in one place: where not all are MASTER, none is."""
        new = {router.name for router in begun}
        for group in groups_formed(old, self.params):
            present = [self._elections[name] for name in group if name not in new]
            if not all(election.router.claims for election in present):
                for election in present:
                    self._schedule.touch(election).leave_for_group(now)

    def resignations(self, now: float) -> dict[str, SendAdvert]:
        """Return for each MASTER the priority 0 that its peers should hear if this process dies now."""
        said = {name: election.resignation(now) for name, election in self._elections.items()}
        return {name: advert for name, advert in said.items() if advert is not None}

    def snapshot(self, now: float) -> Snapshot:
        """Return one immutable picture of everything."""
        judged, all_routers = self._judgement.judged, self._elections.values()
        return Snapshot(
            node=self.params.node,
            at=now,
            routers=tuple(each.snapshot(judged(each), now) for each in all_routers),
            checks=self._judgement.verdicts.snapshot(),
            stopping=self._stopping,
            drained_until=self._judgement.drain.shown(now),
        )

    def standing(self, now: float) -> Standing:
        """Return what of it is claimed, at little cost."""
        held = tuple((each.router.state, each.router.lease.owned) for each in self._elections.values())
        return Standing(self._judgement.drain.shown(now), held)

    def _build(self, states: Mapping[str, RouterState]) -> None:
        """Make the routers, each from what it remembers."""
        params = self.params
        groups = {name: group for names in params.sync_groups for group in (SyncGroup(),) for name in names}
        self._elections = {
            router.name: Election(router, states[router.name], self._out, groups.get(router.name), self._pace)
            for router in params.routers
        }
        self._schedule = Schedule(self._elections, params.sync_groups)
        self._demultiplexer = Demultiplexer(self._elections.values())
        if self._clock_offset is not None:
            self._tell_clock(self._clock_offset)

    def _tell_clock(self, offset: float) -> None:
        """Let those know the wall clock that were not there, or had no key, when it was told."""
        for election in self._elections.values():
            if not election.router.auth.clock_set:
                election.set_clock(offset)

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
                self._note_checks(self._judgement.verdicts.hear(event, now), now)
            case DrainAsked() | UndrainAsked():
                self._judgement.drain.hear(event)
                self._judge_all(now)
            case LeasesFound(leases):
                self._adopt(leases, now)
            case StopRequested() | ClockSet() | Started() | InterfaceChanged():
                self._stopping |= isinstance(event, StopRequested)
                self._started |= isinstance(event, Started)
                if isinstance(event, ClockSet):
                    self._clock_offset = event.offset
                for election in self._elections.values():
                    self._schedule.touch(election).hear_of_the_host(event, now)
            case _:
                # None: it answers a command of a router that has gone.
                if (answered := self._elections.get(event.router)) is not None:
                    self._schedule.touch(answered).hear(event, now)

    def _adopt(self, leases: tuple[LeaseFound, ...], now: float) -> None:
        """Go on where an earlier process was killed, if it has left a proof; else that is swept later."""
        routers = {name: (election.params, election.router) for name, election in self._elections.items()}
        found = adoption.judge_all(routers, self.params.sync_groups, leases, now)
        adopted = {name: each for name, each in found.items() if each.result is Adoption.ADOPTED}
        for name, each in adopted.items():
            self._judgement.inherit(self._elections[name], each.record, now)
        self._judge_all(now)
        for name, each in found.items():
            self._out.append(AdoptionDecided(name, each.result, each.detail))
            if name in adopted:
                self._schedule.touch(self._elections[name]).adopt(each.lease.until, each.detail, now)

    def _end_inheritances(self, concerned: Iterable[Election], now: float) -> None:
        """Only a MASTER goes on with the priority of an earlier process: a backup must know its checks."""
        heirs = (election for election in concerned if election.router.inherited is not None)
        left = [election for election in heirs if election.router.state is not State.MASTER]
        for election in left:
            self._judgement.disinherit(election)
        if left:
            self._judge_all(now)

    def _count_strikes(self, concerned: Iterable[Election], now: float) -> None:
        """Damp what no check sees: faults, and masters that nobody heard."""
        struck = [election.params.name for election in concerned if election.take_strike()]
        for name in struck:
            self._judgement.fault(name, now)
        if struck:
            self._judge_all(now)

    def _route(self, packet: PacketReceived, now: float) -> None:
        """Hand a packet to the router of its VRID, else to the one whose VIP it claims."""
        if (election := self._demultiplexer.by_vrid(packet)) is not None:
            self._schedule.touch(election).receive(packet, now)
        elif (election := self._demultiplexer.by_vip(packet)) is not None:
            self._schedule.touch(election).overhear(packet, now)
        else:
            drop = Drop.VRID if len(packet.payload) > 1 else Drop.LENGTH
            self._out.append(PacketDropped(None, packet.interface, packet.source, drop))

    def _note_checks(self, changes: list[CheckBelief], now: float) -> None:
        for belief in changes:
            for report in changed(belief):
                self._out.append(report)
                for election in self._elections.values():
                    election.check_changed(report.check, now, up=report.up)
        if changes:
            self._judge_all(now)

    def _judge_all(self, now: float) -> None:
        self._judgement.judge([self._schedule.touch(each) for each in self._elections.values()], now)
