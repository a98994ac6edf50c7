"""What a router says on the wire, as commands: advertisements and announcements."""

from ipaddress import IPv4Address

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.arp import gratuitous
from sidecar.core.events import InterfaceState
from sidecar.core.params import Address, RouterParams
from sidecar.core.vrrp import GROUP_V4, Advert, encode


def source_address(params: RouterParams, link: InterfaceState | None) -> Address | None:
    """Return the address to send from: the configured one if the interface has it, else its first."""
    if link is None:
        return None
    family = params.addresses[0].version
    if params.unicast is not None:
        return params.unicast.source if params.unicast.source in link.addresses else None
    return next((address for address in link.addresses if address.version == family), None)


def advertise(params: RouterParams, source: Address, priority: int, not_after: float) -> SendAdvert:
    """Return the command to advertise `priority` to the group or to every peer."""
    destinations: tuple[Address, ...] = (GROUP_V4,) if params.unicast is None else params.unicast.peers
    advert = Advert(params.vrid, priority, params.interval_cs, tuple(vip.ip for vip in params.addresses))
    payloads = tuple(
        encode(advert, source, destination, pseudo_header=params.v4_pseudo_header)
        for destination in destinations
    )
    packets = tuple(zip(destinations, payloads, strict=True))
    return SendAdvert(params.name, params.interface, source, packets, priority, not_after)


def announce(params: RouterParams, link: InterfaceState, not_after: float) -> Announce:
    """Return the command to tell the LAN that the VIPs are at our interface."""
    frames = tuple(
        frame
        for vip in params.addresses
        if isinstance(vip.ip, IPv4Address)
        for frame in gratuitous(vip.ip, link.mac)
    )
    return Announce(params.name, params.interface, frames, not_after)
