"""VRRP packets as whole Ethernet frames, right or wrong in any way, as somebody else would send them."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Final

from sidecar.core.address import Address
from sidecar.core.wire.advert import PROTOCOL, Advert, encode
from sidecar.core.wire.checksum import internet_checksum
from sidecar.core.wire.constants import GROUPS
from tests.kernel.own_namespace import ip

OUR_MAC: Final = "02:00:00:00:00:11"
PEER_MAC: Final = bytes.fromhex("020000000012")
PEERS: Final[dict[int, Address]] = {4: ip_address("10.77.0.12"), 6: ip_address("fe80::12")}
VIPS: Final[dict[int, Address]] = {4: ip_address("10.77.0.100"), 6: ip_address("fe80::100")}
_GROUP_MACS: Final = {4: bytes.fromhex("01005e000012"), 6: bytes.fromhex("333300000012")}


def frame(
    source: Address,
    destination: Address,
    payload: bytes,
    ttl: int = 255,
    options: bytes = b"",
    mac: bytes = PEER_MAC,
) -> bytes:
    """One packet to our interface, which has OUR_MAC. `options` are those of IPv4."""
    to = _GROUP_MACS[source.version] if destination.is_multicast else bytes.fromhex(OUR_MAC.replace(":", ""))
    if isinstance(source, IPv6Address):
        header = struct.pack("!IHBB", 0x6C000000, len(payload), PROTOCOL, ttl)
        return to + mac + b"\x86\xdd" + header + source.packed + destination.packed + payload
    length = 20 + len(options)
    fixed = (0x40 + length // 4, 0xC0, length + len(payload), 0, 0, ttl, PROTOCOL)
    addresses = source.packed + destination.packed + options
    checksum = internet_checksum(struct.pack("!BBHHHBBH", *fixed, 0) + addresses)
    return to + mac + b"\x08\x00" + struct.pack("!BBHHHBBH", *fixed, checksum) + addresses + payload


def advert(
    family: int = 4,
    *,
    vrid: int = 51,
    priority: int = 240,
    ttl: int = 255,
    spoil: int = 0,
    source: Address | None = None,
    destination: Address | None = None,
    mac: bytes = PEER_MAC,
) -> bytes:
    """One advertisement of the peer to the group, unless told otherwise. `spoil` breaks its checksum."""
    source, destination = source or PEERS[family], destination or GROUPS[family]
    said = Advert(vrid, priority, 100, (VIPS[family],))
    payload = bytearray(encode(said, source, destination, pseudo_header=True))
    payload[7] ^= spoil
    return frame(source, destination, bytes(payload), ttl, mac=mac)


def router_advert(prefix: IPv6Address) -> bytes:
    """One advertisement of an IPv6 router to all nodes (RFC 4861 section 4.2): hosts may form addresses."""
    source, destination = PEERS[6].packed, ip_address("ff02::1").packed
    option = struct.pack("!BBBBIII16s", 3, 4, 64, 0xC0, 3600, 3600, 0, prefix.packed)
    message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + option
    checked = source + destination + struct.pack("!II", len(message), 58) + message
    message = message[:2] + internet_checksum(checked).to_bytes(2, "big") + message[4:]
    header = struct.pack("!IHBB", 0x60000000, len(message), 58, 255) + source + destination
    return bytes.fromhex("333300000001") + PEER_MAC + b"\x86\xdd" + header + message


class Sender:
    """Puts frames on v1, so that they arrive on v0."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.bind(("v1", 0))

    def send(self, *frames: bytes) -> None:
        for each in frames:
            self._socket.send(each)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def sender() -> Iterator[Sender]:
    """Give v0 OUR_MAC and let it be sent to."""
    ip(f"link set v0 address {OUR_MAC}")
    opened = Sender()
    try:
        yield opened
    finally:
        opened.close()


def next_advert(wire: socket.socket) -> bytes:
    """The next IPv4 frame of VRRP on a packet socket. Kernels report their groups, too, when they like."""
    while True:
        heard = wire.recv(2000)
        if heard[23] == PROTOCOL:
            return heard
