"""A supposed future: a copy of some routers lives on alone, with what is supposed and nothing else.

The kernel does what it is asked. A master that serves goes on advertising as it did, unless it is supposed to
be silent. Nobody else appears: where this host gives its VIPs up, no other one takes them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from sidecar.core.actions import Action, DropVips, HoldVips, SendAdvert, Transition, TrySending
from sidecar.core.events import AdvertSent, Event, PacketReceived, SendTried, VipsDropped, VipsHeld
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.router.peers import serves
from sidecar.core.snapshot import MasterSeen, RouterSnapshot, Snapshot
from sidecar.core.state import Reason, State
from sidecar.core.what_if.replica import replica
from sidecar.core.what_if.supposition import (
    CheckIs,
    DrainIs,
    PeerResigns,
    PeerSilent,
    PriorityIs,
    Supposition,
)
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, TTL

STEPS: Final = 400
"""Steps of the copy at most: the time of an answer is bounded, whatever is supposed."""
SUPPOSED: Final = "supposed"
"""Stands where a verdict says what was found."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of the state of a router, at this time of the core's clock."""

    router: str
    at: float
    old: State
    new: State
    reason: Reason
    detail: str


@dataclass(slots=True)
class _Master:
    """A master that goes on advertising."""

    params: RouterParams
    seen: MasterSeen
    next_at: float

    def advert(self, priority: int) -> PacketReceived:
        """Return what it says."""
        p, source = self.params, self.seen.source
        addresses = tuple(vip.ip for vip in p.addresses)
        said = Advert(p.vrid, priority, round(self.seen.interval * 100), addresses, p.version)
        group = GROUPS[p.family]
        payload = encode(said, source, group, pseudo_header=p.v4_pseudo_header)
        return PacketReceived(p.interface, source, group, TTL, payload)


class Future:
    """Begins as the routers of these parameters are shown, at `now`."""

    def __init__(self, params: NodeParams, shown: Snapshot, now: float) -> None:
        self.now = now
        self.moves: list[Move] = []
        self.node: Node = replica(params, shown, now)
        pictures = {router.name: router for router in shown.routers}
        self._mute = {router.name: router.cannot_send or None for router in shown.routers}
        found = [_master(router, pictures[router.name], now) for router in params.routers]
        self.latest: Snapshot = shown
        """The picture after the last move, or after what was supposed."""
        self._masters = [master for master in found if master is not None]

    def suppose(self, suppositions: Iterable[Supposition]) -> None:
        """Let all of this be so from now on."""
        for each in suppositions:
            self._suppose(each)
        self.latest = self.shown()

    def live(self, until: float) -> None:
        """Let time pass up to that moment, or for so many steps."""
        for _ in range(STEPS):
            at = max(
                self.now, min(self.node.deadline, min((each.next_at for each in self._masters), default=inf))
            )
            if at > until:
                self.now = max(self.now, until)
                return
            self.now, before = at, len(self.moves)
            self._step(self._adverts(at))
            if len(self.moves) > before:
                self.latest = self.shown()

    def shown(self) -> Snapshot:
        """Return the picture of this moment."""
        return self.node.snapshot(self.now)

    def _suppose(self, supposed: Supposition) -> None:
        now = self.now
        match supposed:
            case CheckIs(check, up):
                self._step([CheckVerdict(check, up, False, SUPPOSED, now, now, True)])
            case DrainIs(on):
                self._step([DrainAsked(inf, SUPPOSED) if on else UndrainAsked()])
            case PriorityIs(priority):
                changed = tuple(replace(each, priority=priority) for each in self.node.params.routers)
                self._take(self.node.exchange(replace(self.node.params, routers=changed), now))
            case PeerSilent():
                self._masters.clear()
            case PeerResigns():
                said: list[Event] = [each.advert(0) for each in self._masters]
                self._masters.clear()
                self._step(said)

    def _adverts(self, at: float) -> list[Event]:
        due = [each for each in self._masters if each.next_at <= at]
        for each in due:
            each.next_at = at + each.seen.interval
        return [each.advert(each.seen.priority) for each in due]

    def _step(self, events: list[Event]) -> None:
        self._take(self.node.step(events, self.now))

    def _take(self, actions: list[Action]) -> None:
        """Have the kernel answer, until there is nothing more to answer."""
        for _ in range(STEPS):
            answers = list(self._answers(actions))
            if not answers:
                return
            actions = self.node.step(answers, self.now)

    def _answers(self, actions: list[Action]) -> Iterator[Event]:
        for action in actions:
            match action:
                case HoldVips():
                    yield VipsHeld(action.router, self.now)
                case DropVips():
                    yield VipsDropped(action.router)
                case TrySending():
                    yield SendTried(action.router, self._mute[action.router])
                case SendAdvert(confirm=True):
                    yield AdvertSent(action.router)
                case Transition(router, old, new, reason, detail):
                    self.moves.append(Move(router, self.now, old, new, reason, detail))
                case _:
                    pass


def _master(params: RouterParams, shown: RouterSnapshot, now: float) -> _Master | None:
    """Return the master that is expected to go on (router/outlook.py)."""
    seen = shown.master
    if shown.state is State.MASTER or seen is None or not serves(seen, shown.contention.interval, now):
        return None
    next_at = seen.heard_at + seen.interval
    return _Master(params, seen, max(now, next_at))
