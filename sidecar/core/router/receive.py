"""The receiver of a router: which packets count, their senders, and reports about them.

Every packet for our VRID, or with our VIP, that is refused is reported: in the log, and by `mismatches`
in status, metrics and the reason of a takeover.
"""

from dataclasses import dataclass

from sidecar.core.actions import Action, AdvertAccepted, Identify, PacketDropped, Warned
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.router.address_list import names_all
from sidecar.core.router.admission import Admission
from sidecar.core.router.differences import (
    Difference,
    claimed_bytes,
    explain,
    explain_followed,
)
from sidecar.core.router.mismatches import SILENCE
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import MasterSeen
from sidecar.core.wire.advert import AUTHENTICATION, Advert, Drop, decode
from sidecar.core.wire.constants import GROUPS, TTL

_LOOKUP_INTERVALS = 3
"""Adverts that may be lost before the search for a sender's machine is given up."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement that counts. `before` is the master that was heard last before it, if any."""

    advert: Advert
    source: Address
    before: MasterSeen | None
    known: bool
    """Whether this sender was a master before, in this life of ours."""
    others: bool
    """Whether another sender was."""


class Receiver:
    """The packets of one router. It adds reports to `out`, and decides nothing."""

    def __init__(
        self, params: RouterParams, state: RouterState, admission: Admission, out: list[Action]
    ) -> None:
        self.params = params
        self.router = state
        self._out = out
        self._admission = admission
        self._addresses = tuple(vip.ip for vip in params.addresses)
        self._vips = frozenset(address.packed for address in self._addresses)

    def hear(self, packet: PacketReceived, own: Address | None, now: float) -> Heard | None:
        """Return the advertisement if it counts."""
        p, source = self.params, packet.source
        advert = self._admission.admit(packet, own, now)
        if isinstance(advert, Drop):
            self._out.append(PacketDropped(p.name, packet.interface, source, advert))
            self._tell(packet, advert, now)
            return None
        peers = self.router.peers
        heard = Heard(advert, source, peers.master, peers.knows(source), peers.others(source))
        gap = peers.hear(source, advert.priority, advert.interval, now)
        self._out.append(AdvertAccepted(p.name, source, advert.priority, gap))
        self._differences(packet, advert, now)
        self._out += self.router.leverage.weigh(source, advert.priority)
        self._out += self.router.pair.hear(source, advert.priority, now)
        return heard

    def overhear(self, packet: PacketReceived, now: float) -> None:
        """Take a packet of another VRID that names a VIP of ours.

        Its address list is worth a word only if it is an advertisement at all.
        """
        min_ttl = TTL if self.params.unicast is None else self.params.unicast.min_ttl
        advert = decode(packet.payload, packet.source, packet.destination, packet.ttl, min_ttl)
        if isinstance(advert, Drop):
            self._out.append(PacketDropped(None, packet.interface, packet.source, Drop.VRID))
            return
        self._out.append(PacketDropped(self.params.name, packet.interface, packet.source, Drop.VRID))
        self._tell(packet, Drop.VRID, now)

    def _tell(self, packet: PacketReceived, reason: Drop, now: float) -> None:
        """Note a refused packet, and tell of it unless that was done a moment ago.

        The host that sent it may serve beside us, so people must hear of it. Only multicast of another
        service is nothing to a router that uses unicast: both may have one VRID in peace.
        """
        p, source = self.params, packet.source
        ours = not self._vips.isdisjoint(claimed_bytes(packet))
        if p.unicast is not None and packet.destination == GROUPS[p.family] and not ours:
            return
        difference = self.router.peers.mismatches.note(
            source,
            reason.value,
            lambda: explain(reason, packet, p),
            now,
            refused=True,
            ours=ours,
        )
        if difference is None:
            return
        component = "auth" if reason in AUTHENTICATION else "refused"
        detail = f"adverts of {source} are refused ({reason}): {difference.detail}; {difference.remedy}"
        self._out.append(Warned(p.name, component, reason.value, detail, source))
        self._search(packet, now)

    def _search(self, packet: PacketReceived, now: float) -> None:
        """Have the machine of a sender searched for that differs from us again and again."""
        if self.router.peers.mismatches.lookup_due(packet.source, now):
            self._out.append(Identify(self.params.name, packet.interface, packet.source, SILENCE))

    def _differences(self, packet: PacketReceived, advert: Advert, now: float) -> None:
        """A difference between two hosts' configurations is reported, and no reason to ignore a master."""
        p, source = self.params, packet.source
        if advert.addresses != self._addresses and not names_all(p, advert.addresses, self.router.advertised):
            detail = f"{source} {explain_followed(packet, p).detail.removeprefix('it ')}"
            self._out.append(Warned(p.name, "vrrp", "addresses", detail, source))
            self._note_followed(packet, now)
            self._search(packet, now)
        if advert.interval_cs != p.interval_cs:
            detail = f"{source} advertises every {advert.interval:g} s, we every {p.interval:g} s"
            self._out.append(Warned(p.name, "vrrp", "interval", detail, source))

    def _note_followed(self, packet: PacketReceived, now: float) -> None:
        def difference() -> Difference:
            return explain_followed(packet, self.params)

        self.router.peers.mismatches.note(
            packet.source,
            Drop.ADDRESSES.value,
            difference,
            now,
            refused=False,
            ours=True,
        )

    def alarm(self, reason: str, detail: str, source: Address, interval: float, now: float) -> None:
        """Name an unexpected master, and have its machine searched for."""
        self._out.append(Warned(self.params.name, "election", reason, detail, source))
        self.search(source, interval, now)

    def search(self, source: Address, interval: float, now: float) -> None:
        """Have the machine of an unexpected master searched for, unless that was done a moment ago."""
        if self.router.peers.lookups.due(source, now):
            seconds = _LOOKUP_INTERVALS * interval
            self._out.append(Identify(self.params.name, self.params.interface, source, seconds))
