"""May this packet speak to this router? The last checks before the election (RFC 9568 section 7.1)."""

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.router.auth import Authenticator
from sidecar.core.wire.advert import PASSWORD_SIZE, TRAILER_SIZE, Advert, Drop, decode
from sidecar.core.wire.constants import GROUPS, TTL, V2


class Admission:
    """The gate of one router. A refused packet leaves nothing behind, not even in the authenticator."""

    def __init__(self, params: RouterParams, authenticator: Authenticator | None) -> None:
        self.params = params
        self._authenticator = authenticator
        self._vips = frozenset(vip.ip for vip in params.addresses)

    def admit(self, packet: PacketReceived, own: Address | None, now: float) -> Advert | Drop:
        """Return the advertisement, or why it is refused. `own` is the address that we send from.

        The signature comes last: whoever passes it is remembered, and gets a queue of its own.
        """
        p = self.params
        min_ttl = TTL if p.unicast is None else p.unicast.min_ttl
        advert = decode(packet.payload, packet.source, packet.destination, packet.ttl, min_ttl)
        if isinstance(advert, Drop):
            return advert
        return (
            self._wrong_router(advert)
            or self._wrong_sender(packet, own)
            or self._wrong_password(advert)
            or self._wrong_interval(advert)
            or self._wrong_addresses(advert)
            or self._wrong_signature(packet, advert, now)
            or advert
        )

    def _wrong_router(self, advert: Advert) -> Drop | None:
        if advert.version != self.params.version:
            return Drop.VERSION
        return Drop.VRID if advert.vrid != self.params.vrid else None

    def _wrong_sender(self, packet: PacketReceived, own: Address | None) -> Drop | None:
        unicast = self.params.unicast
        if packet.source == own:
            return Drop.OWN
        expected = GROUPS[self.params.family] if unicast is None else unicast.source or own
        if packet.destination != expected:
            return Drop.DESTINATION
        return Drop.SOURCE if unicast is not None and packet.source not in unicast.peers else None

    def _wrong_password(self, advert: Advert) -> Drop | None:
        if self.params.version != V2:
            return None
        if (advert.password is None) is not (self.params.password is None):
            return Drop.AUTH_TYPE
        ours = self.params.password
        return Drop.AUTH_PASSWORD if ours is not None and advert.password != ours[:PASSWORD_SIZE] else None

    def _wrong_signature(self, packet: PacketReceived, advert: Advert, now: float) -> Drop | None:
        if self._authenticator is None:
            return None
        body = packet.payload[:-TRAILER_SIZE] if advert.trailer else packet.payload
        return self._authenticator.verify(body, advert.trailer, packet.source, now)

    def _wrong_interval(self, advert: Advert) -> Drop | None:
        """Version 2 cannot learn an interval: who has another one would be timed wrongly."""
        differs = advert.interval_cs != self.params.interval_cs
        return Drop.INTERVAL if self.params.version == V2 and differs else None

    def _wrong_addresses(self, advert: Advert) -> Drop | None:
        """A master of other addresses alone is not a master of our VIPs, whatever it has in common with us.

        An empty list names none of ours either. A list that shares one address is that of a host whose
        configuration is being changed: refusing it would make two masters of the shared address.
        """
        return Drop.ADDRESSES if self._vips.isdisjoint(advert.addresses) else None
