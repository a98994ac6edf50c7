"""May this packet speak to this router? The last checks before the election (RFC 9568 section 7.1)."""

from sidecar.core.events import PacketReceived
from sidecar.core.params import Address, RouterParams
from sidecar.core.vrrp import GROUP_V4, Advert, Drop, decode


def admit(packet: PacketReceived, params: RouterParams, own: Address | None) -> Advert | Drop:
    """Return the advertisement, or why it is refused. Changes nothing and asks nobody."""
    advert = decode(packet.payload, packet.source, packet.destination, packet.ttl)
    if isinstance(advert, Drop):
        return advert
    if advert.vrid != params.vrid:
        return Drop.VRID
    if packet.source == own:
        return Drop.OWN
    if params.unicast is None:
        return advert if packet.destination == GROUP_V4 else Drop.DESTINATION
    if packet.destination != params.unicast.source:
        return Drop.DESTINATION
    if packet.source not in params.unicast.peers:
        return Drop.SOURCE
    return advert
