"""What a router hears: which packets count, who sent them, and what about them people should know."""

from dataclasses import dataclass

from sidecar.core.actions import Action, AdvertAccepted, Identify, PacketDropped, Warned
from sidecar.core.admission import Admission
from sidecar.core.events import PacketReceived
from sidecar.core.leverage import Leverage
from sidecar.core.pair import PairWatch
from sidecar.core.params import Address, RouterParams
from sidecar.core.peers import Peers
from sidecar.core.snapshot import MasterSeen
from sidecar.core.vrrp import Advert, Drop

_LOOKUP_INTERVALS = 3
"""Adverts that may be lost before the search for a sender's machine is given up."""
_KEYS = "compare keys and mode of both hosts"
_CLOCKS = "compare the clocks of both hosts; if they agree, somebody repeats a recording"
_PASSWORD = "compare the passwords of both hosts"
_MISTRUST = {
    Drop.AUTH_TYPE: _PASSWORD,
    Drop.AUTH_PASSWORD: _PASSWORD,
    Drop.AUTH_MISSING: _KEYS,
    Drop.AUTH_MALFORMED: "its trailer is of another kind",
    Drop.AUTH_STALE: _CLOCKS,
    Drop.AUTH_KEY: _KEYS,
    Drop.AUTH_HMAC: _KEYS,
    Drop.AUTH_REPLAY: _CLOCKS,
}
"""What people should look at when a sender is refused for its authentication."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement that counts. `before` is the master that was heard last before it, if any."""

    advert: Advert
    source: Address
    before: MasterSeen | None
    known: bool
    """Whether this sender was a master before, in this life of ours."""


class Hearing:
    """The ear of one router. What it returns as actions are reports; nothing here decides."""

    def __init__(self, params: RouterParams, admission: Admission) -> None:
        self.params = params
        self.peers = Peers()
        self.pair = PairWatch(params)
        self._admission = admission
        self._addresses = tuple(vip.ip for vip in params.addresses)
        self._leverage = Leverage(params)

    def hear(
        self, packet: PacketReceived, own: Address | None, now: float
    ) -> tuple[Heard | None, list[Action]]:
        """Return the advertisement if it counts, and the reports about the packet."""
        p, source = self.params, packet.source
        advert = self._admission.admit(packet, own, now)
        if isinstance(advert, Drop):
            return None, [
                PacketDropped(p.name, packet.interface, source, advert),
                *self._mistrust(advert, source),
            ]
        heard = Heard(advert, source, self.peers.master, self.peers.knows(source))
        gap = self.peers.hear(source, advert.priority, advert.interval, now)
        return heard, [
            AdvertAccepted(p.name, source, advert.priority, gap),
            *self._differences(advert, source),
            *self._leverage.weigh(source, advert.priority),
            *self.pair.hear(source, now),
        ]

    def _mistrust(self, drop: Drop, source: Address) -> list[Action]:
        """A host that is refused for want of the right key serves beside us, so people must hear of it."""
        if drop not in _MISTRUST:
            return []
        detail = f"adverts of {source} are refused ({drop}); {_MISTRUST[drop]}"
        return [Warned(self.params.name, "auth", drop.value, detail, source)]

    def _differences(self, advert: Advert, source: Address) -> list[Action]:
        """What hosts configured differently is worth a word, and no reason to ignore a master."""
        p, found = self.params, list[Action]()
        if advert.addresses != self._addresses and set(advert.addresses) != set(self._addresses):
            theirs = ", ".join(map(str, advert.addresses)) or "none"
            detail = f"{source} advertises other addresses: {theirs}"
            found.append(Warned(p.name, "vrrp", "addresses", detail, source))
        if advert.interval_cs != p.interval_cs:
            detail = f"{source} advertises every {advert.interval:g} s, we every {p.interval:g} s"
            found.append(Warned(p.name, "vrrp", "interval", detail, source))
        return found

    def alarm(self, reason: str, detail: str, source: Address, interval: float, now: float) -> list[Action]:
        """Name an unexpected master, and have its machine searched for."""
        actions: list[Action] = [Warned(self.params.name, "election", reason, detail, source)]
        if self.peers.lookup_due(source, now):
            seconds = _LOOKUP_INTERVALS * interval
            actions.append(Identify(self.params.name, self.params.interface, source, seconds))
        return actions
