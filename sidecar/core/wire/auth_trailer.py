"""The authentication trailer as bytes (draft-cassen-vrrp-auth-hmac, as keepalived has it since 2.4.2).

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   |   scheme 1    |    key id     |           reserved            |
   |                     seconds since 1970, UTC                   |
   |     1/65536 of a second       |            counter            |
   |        HMAC-SHA256, its first 16 bytes: four such lines       |

Time and counter are one 64-bit sequence, compared by serial number arithmetic (RFC 1982): the wrap of
the seconds in 2106 is an increment like any other. Knows nothing of clocks, senders or modes.
"""

import struct
from math import floor
from typing import Final

from sidecar.core.address import Address
from sidecar.core.wire.advert import TRAILER_SIZE
from sidecar.core.wire.hmac_key import HmacKey

_FIXED = struct.Struct("!BBHQ")
_SCHEME: Final = 1
_TAG_SIZE: Final = TRAILER_SIZE - _FIXED.size
_WRAP: Final = 2**64
_HALF: Final = 2**63
_SECONDS_WRAP: Final = 2**32
_SECONDS_HALF: Final = 2**31
_CHECKSUM: Final = slice(6, 8)


def sequence_at(time: float) -> int:
    """Return the sequence of a time in seconds since 1970, with a counter of zero."""
    return floor(time * 2**16) * 2**16 % _WRAP


def successor(sequence: int) -> int:
    """Return the next sequence: for messages that are signed within one tick of the clock."""
    return (sequence + 1) % _WRAP


def is_later(sequence: int, other: int) -> bool:
    """Whether a sequence comes after another one (RFC 1982 section 3.2)."""
    return 0 < (sequence - other) % _WRAP < _HALF


def seconds_ahead(sequence: int, time: float) -> int:
    """Return how many whole seconds a sequence is ahead of a time, by the shorter way around the wrap."""
    return ((sequence >> 32) - floor(time) + _SECONDS_HALF) % _SECONDS_WRAP - _SECONDS_HALF


def pseudo_header(source: Address, version: int, vrid: int) -> bytes:
    """Return what is signed and not sent: family, version, virtual router and sender, in 20 bytes."""
    return bytes((source.version, version, vrid, 0)) + source.packed.ljust(16, b"\0")


def build(key: HmacKey, pseudo: bytes, body: bytes, sequence: int) -> bytes:
    """Return the trailer of a message."""
    fixed = _FIXED.pack(_SCHEME, key.id, 0, sequence)
    return fixed + _tag(key.secret, pseudo, body, fixed)


def read(trailer: bytes) -> tuple[int, int] | None:
    """Return key id and sequence, None if this is no trailer of the one scheme there is."""
    if len(trailer) != TRAILER_SIZE:
        return None
    scheme, key_id, reserved, sequence = _FIXED.unpack_from(trailer)
    return None if scheme != _SCHEME or reserved else (key_id, sequence)


def is_genuine(secret: bytes, pseudo: bytes, body: bytes, trailer: bytes) -> bool:
    """Whether a holder of the secret made this trailer for this message. Takes constant time."""
    import hmac  # noqa: PLC0415 - loaded with the first key (hmac_key.py)

    fixed, tag = trailer[: _FIXED.size], trailer[_FIXED.size :]
    return hmac.compare_digest(_tag(secret, pseudo, body, fixed), tag)


def _tag(secret: bytes, pseudo: bytes, body: bytes, fixed: bytes) -> bytes:
    import hmac  # noqa: PLC0415

    # The kernel writes an IPv6 checksum after we have signed: both sides read it as zero.
    before, after = body[: _CHECKSUM.start], body[_CHECKSUM.stop :]
    covered = pseudo + before + b"\0\0" + after + fixed + bytes(_TAG_SIZE)
    return hmac.digest(secret, covered, "sha256")[:_TAG_SIZE]
