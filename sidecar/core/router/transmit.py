"""The packets of a router, as commands: advertisements and announcements."""

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Final

from sidecar.core.actions import Announce, SendAdvert, TrySending
from sidecar.core.address import Address, Vip
from sidecar.core.events import InterfaceState
from sidecar.core.params import RouterParams
from sidecar.core.router.auth import Authenticator
from sidecar.core.wire.advert import Advert, encode, message
from sidecar.core.wire.arp import gratuitous
from sidecar.core.wire.constants import GROUPS, V2
from sidecar.core.wire.ndp import unsolicited

Packets = tuple[tuple[Address, bytes], ...]
"""Destinations and what goes there."""

_ENCODED: Final = 16
"""Advertisements kept of one router. Weights that come and go make more priorities than that."""


def source_address(params: RouterParams, link: InterfaceState | None) -> Address | None:
    """Return the address to send from: the configured one if the interface has it, else its first.

    IPv6 multicast comes from a link-local address (RFC 9568 section 5.1.2.1), and unicast from one like
    those of the peers.
    """
    if link is None:
        return None
    wanted = params.source if params.unicast is None else params.unicast.source
    if wanted is not None:
        return wanted if wanted in link.addresses else None
    return next((address for address in link.addresses if _can_be_source(address, params)), None)


def _can_be_source(address: Address, params: RouterParams) -> bool:
    if address.version != params.family or isinstance(address, IPv4Address):
        return address.version == params.family
    return address.is_link_local is (params.unicast is None or params.unicast.peers[0].is_link_local)


class Transmitter:
    """Sends the packets of one router. Advertisements without a signature are encoded once."""

    def __init__(self, params: RouterParams, authenticator: Authenticator | None) -> None:
        self.params = params
        self._authenticator = authenticator
        self._encoded: dict[tuple[Address, int, int], Packets] = {}
        """By source, priority and number of VIPs that are named: there are few of each in a life."""
        self._frames: tuple[tuple[bytes, bool], tuple[tuple[bytes, ...], ...]] | None = None
        """What announces each VIP, for a MAC address and a host that routes or not."""

    def advertise(
        self, source: Address, priority: int, now: float, not_after: float, vips: tuple[Vip, ...] = ()
    ) -> SendAdvert:
        """Return the command to advertise `priority` to the group or to every peer.

        `vips` are those that fit into it (address_list.py); none: all.
        """
        p, vips = self.params, vips or self.params.addresses
        key = source, priority, len(vips)
        packets = self._encoded.get(key)
        if packets is None:
            # One file for all hosts lists every host: the own address is no peer.
            peers = () if p.unicast is None else tuple(peer for peer in p.unicast.peers if peer != source)
            destinations = (GROUPS[p.family],) if p.unicast is None else peers
            packets = self._encode(source, priority, destinations, now, vips)
            if self._authenticator is None:
                self._keep(key, packets)
        # After a resignation switches must not learn that the virtual MAC is here. Unicast goes where the
        # routes go, which are those of the interface below.
        interface = p.vip_interface if priority and p.unicast is None else p.interface
        return SendAdvert(p.name, interface, source, packets, priority, not_after)

    def _keep(self, key: tuple[Address, int, int], packets: Packets) -> None:
        if len(self._encoded) >= _ENCODED:
            self._encoded.clear()
        self._encoded[key] = packets

    def trial(self, source: Address, to: Address, now: float, vips: tuple[Vip, ...] = ()) -> TrySending:
        """Return the command to find out whether the group, or a unicast peer, can be reached."""
        ((_, payload),) = self._encode(source, 0, (to,), now, vips or self.params.addresses)
        return TrySending(self.params.name, self.params.interface, source, to, payload)

    def _encode(
        self,
        source: Address,
        priority: int,
        destinations: tuple[Address, ...],
        now: float,
        vips: tuple[Vip, ...],
    ) -> Packets:
        p = self.params
        advert = Advert(
            vrid=p.vrid,
            priority=priority,
            interval_cs=p.interval_cs,
            addresses=tuple(vip.ip for vip in vips),
            version=p.version,
            password=p.password if p.version == V2 else None,
        )
        if self._authenticator is not None:
            advert = replace(advert, trailer=self._authenticator.sign(message(advert), source, now))
        return tuple(
            (to, encode(advert, source, to, pseudo_header=p.v4_pseudo_header)) for to in destinations
        )

    def announce(self, link: InterfaceState, places: range, not_after: float) -> Announce:
        """Return the command to tell the LAN that these VIPs are at our interface, or at our virtual MAC."""
        p = self.params
        key = p.mac or link.mac, link.forwarding
        if self._frames is None or self._frames[0] != key:
            self._frames = key, tuple(_frames(vip, *key) for vip in p.addresses)
        frames = tuple(frame for each in self._frames[1][places.start : places.stop] for frame in each)
        protocol = {4: "arp", 6: "na"}[p.family]
        return Announce(p.name, p.vip_interface, frames, not_after, protocol)


def _frames(vip: Vip, mac: bytes, router: bool) -> tuple[bytes, ...]:
    if isinstance(vip.ip, IPv4Address):
        return gratuitous(vip.ip, mac)
    return (unsolicited(vip.ip, mac, router=router),)
