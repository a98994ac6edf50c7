"""Authenticated adverts: the HMAC-SHA256 trailer of draft-cassen-vrrp-auth-hmac."""

import hmac
import struct
from typing import Final

from sidecar.core.params import Address, AuthMode, HmacParams
from sidecar.core.vrrp import Drop

_FIXED = struct.Struct("!BBHQ")
_SCHEME: Final = 1
_MAC_SIZE: Final = 16


class Authenticator:
    """Signs and verifies the adverts of one router."""

    def __init__(self, params: HmacParams, vrid: int, version: int) -> None:
        self.params = params
        self._prefix = bytes((version, vrid, 0))
        self._keys = {key.id: key.secret for key in params.keys}
        self._offset = 0.0
        self._last = 0
        self._marks: dict[Address, int] = {}

    def set_clock(self, offset: float) -> None:
        """The wall clock is this many seconds ahead of the core's."""
        self._offset = offset

    def sign(self, body: bytes, source: Address, now: float) -> bytes:
        """Return the trailer of a message."""
        if self.params.mode is AuthMode.RECEIVE_ONLY:
            return b""
        self._last = max(int((now + self._offset) * 2**32), self._last + 1)
        fixed = _FIXED.pack(_SCHEME, self.params.keys[0].id, 0, self._last)
        return fixed + self._mac(self.params.keys[0].secret, body, fixed, source)

    def verify(self, body: bytes, trailer: bytes, source: Address, now: float) -> Drop | None:
        """Return why a message is refused, None if it is accepted."""
        if not trailer:
            return Drop.AUTH_MISSING if self.params.mode is AuthMode.ENFORCE else None
        scheme, key, reserved, sequence = _FIXED.unpack_from(trailer)
        if scheme != _SCHEME or reserved:
            return Drop.AUTH_MALFORMED
        if abs(sequence / 2**32 - now - self._offset) > self.params.window:
            return Drop.AUTH_STALE
        if key not in self._keys:
            return Drop.AUTH_KEY
        fixed = trailer[: _FIXED.size]
        if not hmac.compare_digest(self._mac(self._keys[key], body, fixed, source), trailer[_FIXED.size :]):
            return Drop.AUTH_HMAC
        if sequence <= self._marks.get(source, -1):
            return Drop.AUTH_REPLAY
        self._marks[source] = sequence
        return None

    def _mac(self, secret: bytes, body: bytes, fixed: bytes, source: Address) -> bytes:
        pseudo = bytes((source.version,)) + self._prefix + source.packed.ljust(16, b"\0")
        covered = pseudo + body[:6] + b"\0\0" + body[8:] + fixed + bytes(_MAC_SIZE)
        return hmac.digest(secret, covered, "sha256")[:_MAC_SIZE]
