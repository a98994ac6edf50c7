"""Authenticated adverts: who may speak for a router, and nothing said twice (draft-cassen-vrrp-auth-hmac)."""

from typing import Final

from sidecar.core.address import Address
from sidecar.core.params import AuthMode, HmacParams
from sidecar.core.router.auth_clock import AuthClock
from sidecar.core.router.auth_state import AuthState
from sidecar.core.wire.advert import Drop
from sidecar.core.wire.auth_trailer import build, is_genuine, is_later, pseudo_header, read, successor

SENDERS: Final = 16
"""Senders whose last sequence is remembered. Only who has the key can push another one out."""


class Authenticator:
    """Signs and verifies the adverts of one router. A packet that fails moves no mark.

    `body` is the VRRP message without trailer; its checksum is read as zero. `now`: the core's clock.
    """

    def __init__(self, params: HmacParams, vrid: int, version: int, state: AuthState | None = None) -> None:
        self.params = params
        self._vrid = vrid
        self._version = version
        self._secrets = {key.id: key.secret for key in params.keys}
        self._state = AuthState() if state is None else state
        self._clock = AuthClock(params.window, self._state)

    @property
    def senders(self) -> tuple[Address, ...]:
        """Everybody who was heard to have the key, and ourselves: the last ones, SENDERS at most."""
        return tuple(self._state.marks)

    def set_clock(self, offset: float) -> None:
        """The wall clock is this many seconds ahead of the core's: at start, and after each step of it."""
        self._clock.set(offset)

    def sign(self, body: bytes, source: Address, now: float) -> bytes:
        """Return the trailer of a message, nothing in receive-only mode."""
        if self.params.mode is AuthMode.RECEIVE_ONLY:
            return b""
        sequence = self._clock.sequence(now)
        # A last sequence far ahead is from a clock that was wrong: waiting for it would be silence.
        if self._clock.current(self._state.last, now) and not is_later(sequence, self._state.last):
            sequence = successor(self._state.last)
        self._state.last = sequence
        # A reflected copy of our own advert is rejected as a replay.
        self._remember(source, sequence)
        return build(self.params.keys[0], self._pseudo(source), body, sequence)

    def verify(self, body: bytes, trailer: bytes, source: Address, now: float) -> Drop | None:
        """Return why a message is refused, None if it is accepted."""
        if not trailer:
            return Drop.AUTH_MISSING if self.params.mode is AuthMode.ENFORCE else None
        fields = read(trailer)
        if fields is None:
            return Drop.AUTH_MALFORMED
        key_id, sequence = fields
        fresh = self._clock.fresh(sequence, now)
        # Recordings are free for the sender: they cost us an HMAC only while our clock is in doubt.
        if not fresh and not self._clock.doubtful:
            return Drop.AUTH_STALE
        forged = self._forged(key_id, body, trailer, source)
        if not fresh:
            if forged is None:
                self._clock.contradict(now)
            return Drop.AUTH_STALE
        if forged is not None:
            return forged
        mark = self._state.marks.get(source)
        if mark is not None and self._clock.fresh(mark, now) and not is_later(sequence, mark):
            return Drop.AUTH_REPLAY
        self._clock.confirm(sequence, now)
        self._remember(source, sequence)
        return None

    def _forged(self, key_id: int, body: bytes, trailer: bytes, source: Address) -> Drop | None:
        secret = self._secrets.get(key_id)
        if secret is None:
            return Drop.AUTH_KEY
        return None if is_genuine(secret, self._pseudo(source), body, trailer) else Drop.AUTH_HMAC

    def _remember(self, source: Address, sequence: int) -> None:
        self._state.marks.pop(source, None)
        self._state.marks[source] = sequence
        if len(self._state.marks) > SENDERS:
            del self._state.marks[next(iter(self._state.marks))]

    def _pseudo(self, source: Address) -> bytes:
        return pseudo_header(source, self._version, self._vrid)
