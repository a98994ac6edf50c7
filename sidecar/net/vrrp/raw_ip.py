"""Differences between raw sockets of IPv4 and of IPv6: options, membership, source and TTL of a packet."""

import socket
import struct
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple, Protocol

from sidecar.core.address import Address
from sidecar.core.wire.constants import GROUPS, TTL

_LONGEST: Final = 8192
"""Bytes read of a packet: more than any has that can be right."""
_NETWORK_CONTROL: Final = 0xC0  # CS6, as TOS and as traffic class
_CHECKSUM_AT: Final = 6
_IP_MULTICAST_ALL: Final = 49
_IP_PKTINFO: Final = 8
_IP_TRANSPARENT: Final = 19
_IPV6_CHECKSUM: Final = 7
_IPV6_FREEBIND: Final = 78
_MREQN: Final = struct.Struct("=4s4si")
_MREQ6: Final = struct.Struct("=16si")
_PKTINFO: Final = struct.Struct("=i4s4s")
_PKTINFO6: Final = _MREQ6
_INT: Final = struct.Struct("=i")

_Options = tuple[tuple[int, int, int], ...]


class Datagram(NamedTuple):
    """A packet. `payload` begins behind the IP header."""

    source: Address
    destination: Address
    ttl: int
    payload: bytes


class RawIp(Protocol):
    """Either of the two. Every method raises OSError."""

    family: socket.AddressFamily
    options: _Options
    """Level, name and value: send as network control with TTL 255, and hear no multicast of our own."""

    def choose(self, raw: socket.socket, index: int) -> None:
        """Send multicast by this interface."""

    def borrow(self, raw: socket.socket) -> None:
        """Let the source be an address that the interface does not have, or the host has no more."""

    def join(self, raw: socket.socket, index: int) -> None:
        """Become a member of the VRRP group on an interface."""

    def leave(self, raw: socket.socket, index: int) -> None:
        """Be no member of the VRRP group on an interface any more."""

    def confine(self, raw: socket.socket, *, on: bool) -> None:
        """Keep multicast on this host: it passes the firewall and is dropped then. Off: let it leave."""

    def receive(self, raw: socket.socket) -> Datagram:
        """Return the next packet; BlockingIOError: there is none."""

    def send(self, raw: socket.socket, index: int, source: Address, to: Address, payload: bytes) -> None:
        """Send a packet from exactly this source."""


class RawIPv4:
    """IPv4: what is heard begins with the IP header."""

    family: socket.AddressFamily = socket.AF_INET
    options: _Options = (
        (socket.IPPROTO_IP, socket.IP_TOS, _NETWORK_CONTROL),
        (socket.IPPROTO_IP, socket.IP_TTL, TTL),
        (socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, TTL),
        (socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0),
        (socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0),
    )

    def choose(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _membership(index))

    def borrow(self, raw: socket.socket) -> None:
        """See RawIp. A socket that may take what is sent to others may also send in their name."""
        raw.setsockopt(socket.IPPROTO_IP, _IP_TRANSPARENT, 1)

    def join(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, _membership(index))

    def leave(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, _membership(index))

    def confine(self, raw: socket.socket, *, on: bool) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0 if on else TTL)

    def receive(self, raw: socket.socket) -> Datagram:
        """See RawIp."""
        packet = raw.recv(_LONGEST)
        header = (packet[0] & 0x0F) * 4
        return Datagram(IPv4Address(packet[12:16]), IPv4Address(packet[16:20]), packet[8], packet[header:])

    def send(self, raw: socket.socket, index: int, source: Address, to: Address, payload: bytes) -> None:
        """See RawIp."""
        pktinfo = _PKTINFO.pack(index, source.packed, bytes(4))
        raw.sendmsg([payload], [(socket.IPPROTO_IP, _IP_PKTINFO, pktinfo)], 0, (str(to), 0))


class RawIPv6:
    """IPv6: what is heard begins behind the IP header; the kernel makes and verifies the checksum."""

    family: socket.AddressFamily = socket.AF_INET6
    options: _Options = (
        (socket.IPPROTO_IPV6, socket.IPV6_TCLASS, _NETWORK_CONTROL),
        (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, TTL),
        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, TTL),
        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0),
        (socket.IPPROTO_IPV6, _IPV6_CHECKSUM, _CHECKSUM_AT),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1),
    )

    def choose(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)

    def borrow(self, raw: socket.socket) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)

    def join(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, _membership6(index))

    def leave(self, raw: socket.socket, index: int) -> None:
        """See RawIp."""
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, _membership6(index))

    def confine(self, raw: socket.socket, *, on: bool) -> None:
        """See RawIp. The kernel looks at a hop limit of 0 only where packets are looped back to this host."""
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 0 if on else TTL)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, int(on))

    def receive(self, raw: socket.socket) -> Datagram:
        """See RawIp."""
        payload, ancillary, _, sender = raw.recvmsg(_LONGEST, 128)
        said = {kind: data for _, kind, data in ancillary}
        destination, _ = _PKTINFO6.unpack(said[socket.IPV6_PKTINFO])
        (hop_limit,) = _INT.unpack(said[socket.IPV6_HOPLIMIT])
        return Datagram(IPv6Address(sender[0]), IPv6Address(destination), hop_limit, payload)

    def send(self, raw: socket.socket, index: int, source: Address, to: Address, payload: bytes) -> None:
        """See RawIp."""
        pktinfo = _PKTINFO6.pack(source.packed, index)
        scope = index if to.is_link_local or to.is_multicast else 0
        ancillary = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, pktinfo)]
        raw.sendmsg([payload], ancillary, 0, (str(to), 0, 0, scope))


def _membership(index: int) -> bytes:
    return _MREQN.pack(GROUPS[4].packed, bytes(4), index)


def _membership6(index: int) -> bytes:
    return _MREQ6.pack(GROUPS[6].packed, index)


RAW_IP: Final[dict[int, RawIp]] = {4: RawIPv4(), 6: RawIPv6()}
