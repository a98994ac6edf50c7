"""One VRRP advertisement as bytes and as data: versions 2 (RFC 3768) and 3 (RFC 9568 section 5).

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   |Version| Type  | Virtual Rtr ID|   Priority    | Address count |
   |rsvd   | Max Advertise Interval|           Checksum            |   version 3, centiseconds
   |   Auth Type   |   Adver Int   |           Checksum            |   version 2, seconds
   |                     address, count times                      |
   |              authentication data, version 2, 8 bytes          |
   |   authentication trailer, 28 bytes, if there is one (auth.py) |

`decode` never raises: a bad packet is a `Drop`, whose value is metric label, log field and test id.
Knows nothing of routers, peers or time.
"""

import struct
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.core.address import Address
from sidecar.core.wire.checksum import internet_checksum
from sidecar.core.wire.constants import GROUPS, TTL, V2, V3

PROTOCOL: Final = 112
GROUP_V4: Final = GROUPS[4]
GROUP_V6: Final = GROUPS[6]
ADVERTISEMENT: Final = 1
HEADER: Final = 8
PASSWORD_SIZE: Final = 8
"""Bytes of authentication data of version 2; a longer password is cut, as keepalived does it."""
TRAILER_SIZE: Final = 28
"""Bytes of draft-cassen-vrrp-auth-hmac after the message."""

_Family = tuple[type[Address], int, tuple[int, ...]]
"""Type of its addresses, their size in bytes, versions of the protocol that know it."""

_HEADER = struct.Struct("!BBBBHH")
_MAX_INTERVAL_CS = 0x0FFF
_SIMPLE_PASSWORD = 1
_IPV4: Final[_Family] = (IPv4Address, 4, (V2, V3))
_IPV6: Final[_Family] = (IPv6Address, 16, (V3,))


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
    AUTH_TYPE = "auth_type"
    AUTH_PASSWORD = "auth_password"
    AUTH_MISSING = "auth_missing"
    AUTH_MALFORMED = "auth_malformed"
    AUTH_STALE = "auth_stale"
    AUTH_KEY = "auth_key"
    AUTH_HMAC = "auth_hmac"
    AUTH_REPLAY = "auth_replay"
    ADDRESSES = "addresses"
    """Its addresses share nothing with ours: it is the master of another service with our VRID."""
    FLOOD = "flood"
    """More was refused than was read: the kernel threw it away unread and counted it."""
    REPEATED = "repeated"
    """Among many packets that were read at once there was the same one again, and it was heard once."""


AUTHENTICATION: Final = frozenset(drop for drop in Drop if drop.startswith("auth_"))
"""Reasons that are told under `auth`, all others under `refused`."""
TOLD: Final = frozenset(Drop) - {Drop.FLOOD, Drop.REPEATED}
"""Reasons that a packet of a sender can have; the others are of packets that nobody has read."""


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertisement.

    `interval_cs` is Max Advertise Interval in centiseconds, 1 to 4095; version 2: 100 to 25500.
    `password` is that of version 2 without trailing zeros, None for authentication type 0.
    `trailer` is 28 bytes or empty.
    """

    vrid: int
    priority: int
    interval_cs: int
    addresses: tuple[Address, ...]
    version: int = V3
    password: bytes | None = field(default=None, repr=False)
    trailer: bytes = b""

    @property
    def interval(self) -> float:
        """Max Advertise Interval in seconds."""
        return self.interval_cs / 100


def message(advert: Advert) -> bytes:
    """Return the bytes without the trailer and with a checksum of zero: what a trailer authenticates."""
    if advert.version == V2:
        kind = 0 if advert.password is None else _SIMPLE_PASSWORD
        timing = kind << 8 | advert.interval_cs // 100
        tail = (advert.password or b"")[:PASSWORD_SIZE].ljust(PASSWORD_SIZE, b"\0")
    else:
        timing, tail = advert.interval_cs & _MAX_INTERVAL_CS, b""
    first = advert.version << 4 | ADVERTISEMENT
    header = _HEADER.pack(first, advert.vrid, advert.priority, len(advert.addresses), timing, 0)
    return header + b"".join(address.packed for address in advert.addresses) + tail


def encode(advert: Advert, source: Address, destination: Address, *, pseudo_header: bool) -> bytes:
    """Return the bytes of an advertisement, its trailer included.

    `pseudo_header` says whether an IPv4 checksum of version 3 covers the pseudo-header (keepalived and
    FRR: yes; RFC 9568 section 5.2.8: no). That of version 2 never does, that of IPv6 always.
    An IPv6 checksum covers the trailer too, because the kernel computes it.
    """
    body = message(advert)
    if isinstance(source, IPv6Address):
        covered = _pseudo_header(source, destination, len(body) + len(advert.trailer)) + body + advert.trailer
    elif advert.version == V3 and pseudo_header:
        covered = _pseudo_header(source, destination, len(body)) + body
    else:
        covered = body
    return body[:6] + internet_checksum(covered).to_bytes(2, "big") + body[8:] + advert.trailer


def decode(
    payload: bytes, source: Address, destination: Address, ttl: int, min_ttl: int = TTL
) -> Advert | Drop:
    """Return what the bytes say, or why they are refused.

    An IPv4 checksum of version 3 is accepted with and without the pseudo-header: both kinds of sender
    exist and refusing one of them makes two masters. A trailer is taken along, not judged.
    """
    if len(payload) < HEADER:
        return Drop.LENGTH
    first, vrid, priority, count, timing, _ = _HEADER.unpack_from(payload)
    version = first >> 4
    kind, size, versions = _IPV4 if isinstance(source, IPv4Address) else _IPV6
    if version not in versions:
        return Drop.VERSION
    if first & 0x0F != ADVERTISEMENT:
        return Drop.TYPE
    tail = HEADER + count * size
    end = tail + (PASSWORD_SIZE if version == V2 else 0)
    if len(payload) not in (end, end + TRAILER_SIZE):
        return Drop.LENGTH
    if ttl < min_ttl:
        return Drop.TTL
    if not _checksum_holds(payload, end, source, destination):
        return Drop.CHECKSUM
    password, interval_cs = None, timing & _MAX_INTERVAL_CS
    if version == V2:
        auth_type, interval_cs = timing >> 8, (timing & 0xFF) * 100
        if auth_type not in (0, _SIMPLE_PASSWORD):
            return Drop.AUTH_TYPE
        password = payload[tail:end].rstrip(b"\0") if auth_type else None
    # An interval of zero would make every timer of the election zero.
    if not interval_cs:
        return Drop.INTERVAL
    addresses = tuple(kind(payload[at : at + size]) for at in range(HEADER, tail, size))
    return Advert(vrid, priority, interval_cs, addresses, version, password, payload[end:])


def _checksum_holds(payload: bytes, end: int, source: Address, destination: Address) -> bool:
    if isinstance(source, IPv6Address):
        return internet_checksum(_pseudo_header(source, destination, len(payload)) + payload) == 0
    body = payload[:end]
    if internet_checksum(body) == 0:
        return True
    version = body[0] >> 4
    return version == V3 and internet_checksum(_pseudo_header(source, destination, end) + body) == 0


def _pseudo_header(source: Address, destination: Address, length: int) -> bytes:
    if isinstance(source, IPv4Address):
        return source.packed + destination.packed + struct.pack("!BBH", 0, PROTOCOL, length)
    return source.packed + destination.packed + struct.pack("!IHBB", length, 0, 0, PROTOCOL)
