"""A packet socket that sees VRRP, ARP and neighbour advertisements of one interface, before any firewall.

It sees what this host sends, too. It costs every packet of the interface a filter of some instructions while
it is open, which is for seconds.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.wire import arp, ndp
from sidecar.core.wire.advert import PROTOCOL
from sidecar.net.vrrp import bpf
from sidecar.net.vrrp.bpf import Line

_ALL: Final = 0x0003
_IPV4: Final = 0x0800
_ARP: Final = 0x0806
_IPV6: Final = 0x86DD
_OUTGOING: Final = 4  # PACKET_OUTGOING
_ETHERTYPE: Final = -0x1000  # SKF_AD_OFF + SKF_AD_PROTOCOL
_ICMPV6: Final = 58
_ADVERTISEMENT: Final = 136
_HEADER: Final = 40
_LONGEST: Final = 8192
_IPV4_HEADER: Final = 20


@dataclass(frozen=True, slots=True)
class Captured:
    """One packet: VRRP, or the claim of an address. The other one is None."""

    mac: str
    outgoing: bool
    packet: PacketReceived | None = None
    claimed: Address | None = None


class Capture:
    """Use `receive` when `fileno` is readable. Raises OSError (EPERM without NET_RAW)."""

    def __init__(self, device: str) -> None:
        """Open it. The socket is bound last, so that nothing slips in before the filter."""
        self.device = device
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )
        try:
            bpf.attach(self._socket, bpf.assemble(_program()))
            self._socket.bind((device, _ALL))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def receive(self, most: int) -> Iterator[Captured]:
        """Yield what has arrived, up to a number of packets."""
        for _ in range(most):
            try:
                data, (_, kind, direction, _, mac) = self._socket.recvfrom(_LONGEST)
            except OSError:
                return
            captured = _read(self.device, data, kind, mac.hex(":"), outgoing=direction == _OUTGOING)
            if captured is not None:
                yield captured

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def send_frames(device: str, frames: list[bytes]) -> None:
    """Send whole Ethernet frames. Raises OSError."""
    flags = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_PACKET, flags, 0) as wire:
        for frame in frames:
            wire.sendto(frame, (device, 0))


def _program() -> Iterator[Line]:
    """Yield the filter. Packets begin with their network header here."""
    yield from (bpf.word(_ETHERTYPE), bpf.if_equal(_ARP, "take"))
    yield from (bpf.if_equal(_IPV4, "ipv4"), bpf.if_equal(_IPV6, "ipv6"), bpf.jump("drop"))
    yield from ("ipv4", bpf.byte(9), bpf.if_equal(PROTOCOL, "take"), bpf.jump("drop"))
    yield from ("ipv6", bpf.byte(6), bpf.if_equal(PROTOCOL, "take"), bpf.unless_equal(_ICMPV6, "drop"))
    yield from (bpf.byte(_HEADER), bpf.if_equal(_ADVERTISEMENT, "take"))
    yield from ("drop", bpf.DROP, "take", bpf.ACCEPT)


def _read(device: str, data: bytes, kind: int, mac: str, *, outgoing: bool) -> Captured | None:
    if kind == _ARP:
        claim = arp.claim(data)
        # The sender's own word counts, as it does for every cache: the frame may have come by a proxy.
        return None if claim is None else Captured(claim[1].hex(":"), outgoing, claimed=claim[0])
    if kind == _IPV4:
        return _ipv4(device, data, mac, outgoing=outgoing)
    if len(data) <= _HEADER:
        return None
    if data[6] == _ICMPV6:
        address = ndp.claim(data)
        return None if address is None else Captured(mac, outgoing, claimed=address)
    source, to = IPv6Address(data[8:24]), IPv6Address(data[24:40])
    size = _HEADER + int.from_bytes(data[4:6], "big")
    return Captured(mac, outgoing, PacketReceived(device, source, to, data[7], data[_HEADER:size]))


def _ipv4(device: str, data: bytes, mac: str, *, outgoing: bool) -> Captured | None:
    if len(data) <= _IPV4_HEADER:
        return None
    begin, end = (data[0] & 0x0F) * 4, int.from_bytes(data[2:4], "big")
    source, to = IPv4Address(data[12:16]), IPv4Address(data[16:20])
    return Captured(mac, outgoing, PacketReceived(device, source, to, data[8], data[begin:end]))
