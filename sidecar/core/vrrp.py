"""One VRRP advertisement as bytes and as data (RFC 9568 section 5).

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   |Version| Type  | Virtual Rtr ID|   Priority    | Address count |
   |rsvd   | Max Advertise Interval|           Checksum            |
   |                     address, count times                      |

`decode` never raises: a bad packet is a `Drop`, whose value is metric label, log field and test id.
Knows nothing of routers, peers or time.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.core.checksum import internet_checksum
from sidecar.core.params import Address

PROTOCOL: Final = 112
TTL: Final = 255
GROUP_V4: Final = IPv4Address("224.0.0.18")
ADVERTISEMENT: Final = 1
VERSION: Final = 3

_HEADER = struct.Struct("!BBBBHH")
_MAX_INTERVAL_CS = 0x0FFF


class Drop(StrEnum):
    """Why a packet was refused, in the order of the checks. A refused packet moves no timer and no state."""

    LENGTH = "length"
    VERSION = "version"
    TYPE = "type"
    TTL = "ttl"
    CHECKSUM = "checksum"
    INTERVAL = "interval"
    VRID = "vrid"
    OWN = "own"
    DESTINATION = "destination"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertisement. `interval_cs` is Max Advertise Interval in centiseconds, 1 to 4095."""

    vrid: int
    priority: int
    interval_cs: int
    addresses: tuple[Address, ...]

    @property
    def interval(self) -> float:
        """Max Advertise Interval in seconds."""
        return self.interval_cs / 100


def encode(advert: Advert, source: Address, destination: Address, *, pseudo_header: bool) -> bytes:
    """Return the bytes of an advertisement.

    `pseudo_header` says whether an IPv4 checksum covers the pseudo-header (keepalived and FRR: yes;
    RFC 9568 section 5.2.8: no). An IPv6 checksum always does.
    """
    header = _HEADER.pack(
        VERSION << 4 | ADVERTISEMENT,
        advert.vrid,
        advert.priority,
        len(advert.addresses),
        advert.interval_cs & _MAX_INTERVAL_CS,
        0,
    )
    message = header + b"".join(address.packed for address in advert.addresses)
    covered = message
    if pseudo_header or isinstance(source, IPv6Address):
        covered = _pseudo_header(source, destination, len(message)) + message
    return message[:6] + internet_checksum(covered).to_bytes(2, "big") + message[8:]


def decode(payload: bytes, source: Address, destination: Address, ttl: int) -> Advert | Drop:
    """Return what the bytes say, or why they are refused.

    An IPv4 checksum is accepted with and without the pseudo-header: both kinds of sender exist and
    refusing one of them makes two masters.
    """
    if len(payload) < _HEADER.size:
        return Drop.LENGTH
    first, vrid, priority, count, interval_cs, _ = _HEADER.unpack_from(payload)
    kind: type[Address]
    kind, size = (IPv4Address, 4) if isinstance(source, IPv4Address) else (IPv6Address, 16)
    if first >> 4 != VERSION:
        return Drop.VERSION
    if first & 0x0F != ADVERTISEMENT:
        return Drop.TYPE
    if len(payload) != _HEADER.size + count * size:
        return Drop.LENGTH
    if ttl != TTL:
        return Drop.TTL
    if not _checksum_holds(payload, source, destination):
        return Drop.CHECKSUM
    # An interval of zero would make every timer of the election zero.
    if not interval_cs & _MAX_INTERVAL_CS:
        return Drop.INTERVAL
    packed = (payload[at : at + size] for at in range(_HEADER.size, len(payload), size))
    return Advert(vrid, priority, interval_cs & _MAX_INTERVAL_CS, tuple(kind(each) for each in packed))


def _checksum_holds(payload: bytes, source: Address, destination: Address) -> bool:
    covered = _pseudo_header(source, destination, len(payload)) + payload
    if internet_checksum(covered) == 0:
        return True
    return isinstance(source, IPv4Address) and internet_checksum(payload) == 0


def _pseudo_header(source: Address, destination: Address, length: int) -> bytes:
    if isinstance(source, IPv4Address):
        return source.packed + destination.packed + struct.pack("!BBH", 0, PROTOCOL, length)
    return source.packed + destination.packed + struct.pack("!IHBB", length, 0, 0, PROTOCOL)
