"""One packet as a packet socket gives it, from its network header on: VRRP, or a word about an address.

Pure, and for whatever the wire brings: bytes that are none of these are None.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.core.address import Address
from sidecar.core.wire import arp, ndp
from sidecar.core.wire.advert import PROTOCOL

ETHERTYPE_IPV4: Final = 0x0800
ETHERTYPE_ARP: Final = 0x0806
ETHERTYPE_IPV6: Final = 0x86DD

_IPV4_HEADER: Final = 20
_IPV6_HEADER: Final = 40


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet, not yet looked at. `data` begins with its network header; `mac` is that of its sender.

    `outgoing`: this host sends it.
    """

    outgoing: bool
    ethertype: int
    mac: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Datagram:
    """A datagram of IP protocol 112. `payload` begins with the VRRP header."""

    source: Address
    destination: Address
    ttl: int
    payload: bytes


class Word(StrEnum):
    """What a machine says about an address."""

    CLAIMS = "claims"
    """It has the address: an ARP packet from it, or a neighbour advertisement for it."""
    PROBES = "probes"
    """It asks whether somebody has it, before it takes it (RFC 5227 section 2.1.1)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A machine said something about an address. `mac` is its own, as it says."""

    word: Word
    address: Address
    mac: str


def read(frame: Frame) -> Datagram | Spoken | None:
    """Return what a packet is."""
    if frame.ethertype == ETHERTYPE_ARP:
        return _arp(frame.data)
    if frame.ethertype == ETHERTYPE_IPV4:
        return _ipv4(frame.data)
    return _ipv6(frame.data, frame.mac.hex(":")) if frame.ethertype == ETHERTYPE_IPV6 else None


def _arp(data: bytes) -> Spoken | None:
    # The MAC address in the packet counts, as it does for every cache: the frame may have come by a proxy.
    if (claim := arp.claim(data)) is not None:
        return Spoken(Word.CLAIMS, claim[0], claim[1].hex(":"))
    if (probed := arp.probed(data)) is not None:
        return Spoken(Word.PROBES, probed[0], probed[1].hex(":"))
    return None


def _ipv4(data: bytes) -> Datagram | None:
    if len(data) <= _IPV4_HEADER or data[9] != PROTOCOL:
        return None
    begin, end = (data[0] & 0x0F) * 4, int.from_bytes(data[2:4], "big")
    source, to = IPv4Address(data[12:16]), IPv4Address(data[16:20])
    return Datagram(source, to, data[8], data[begin:end])


def _ipv6(data: bytes, mac: str) -> Datagram | Spoken | None:
    if len(data) <= _IPV6_HEADER:
        return None
    if data[6] != PROTOCOL:
        address = ndp.claim(data)
        return None if address is None else Spoken(Word.CLAIMS, address, mac)
    source, to = IPv6Address(data[8:24]), IPv6Address(data[24:40])
    size = _IPV6_HEADER + int.from_bytes(data[4:6], "big")
    return Datagram(source, to, data[7], data[_IPV6_HEADER:size])
