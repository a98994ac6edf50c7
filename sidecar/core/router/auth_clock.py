"""Which clock the signers of adverts live by, although hosts have their clocks set wrong, and right again.

The rules and their reasons: docs/adr/0009-authentication-clock.md.
"""

from math import inf

from sidecar.core.router.auth_state import AuthState
from sidecar.core.wire.auth_trailer import seconds_ahead, sequence_at


class AuthClock:
    """The wall clock of this host, except that a large step is followed only when signers have gone there.

    Offsets are seconds that a wall clock is ahead of the core's clock, whose readings are `now`.
    """

    def __init__(self, window: float, state: AuthState) -> None:
        self._window = window
        self._state = state

    def set(self, offset: float) -> None:
        """The wall clock is this many seconds ahead: at start, and after each step of it.

        Small steps are corrections and followed at once: half a window separates no pair.
        """
        small = self._window / 2
        if not self._state.clock_set:
            self._state.clock_set, self._state.believed, self._state.ahead = True, offset, offset
        elif abs(offset - self._state.believed) <= small:
            self._believe(offset)
        if abs(offset - self._state.live) > small:
            self._state.contradicted_since = inf
        self._state.live = offset

    @property
    def doubtful(self) -> bool:
        """Whether the wall clock says something else than we believe."""
        return self._state.live != self._state.believed

    def sequence(self, now: float) -> int:
        """Return the sequence of this moment."""
        return sequence_at(now + self._state.believed)

    def current(self, sequence: int, now: float) -> bool:
        """Whether a sequence is within the window by the clock that we sign with."""
        return self._near(sequence, now + self._state.believed)

    def fresh(self, sequence: int, now: float) -> bool:
        """Whether a sequence is within the window by any clock that signers may live by."""
        return any(self._near(sequence, now + offset) for offset in self._candidates())

    def confirm(self, sequence: int, now: float) -> None:
        """A signer said this fresh sequence: go to where the signers are."""
        self._state.contradicted_since = inf
        self._believe(next(o for o in self._candidates() if self._near(sequence, now + o)))

    def contradict(self, now: float) -> None:
        """A signer said something that is not fresh by any clock.

        May be a recording, or have waited while we were stopped. For a whole window, with nothing fresh in
        between: the signers are not where we are, and this host's wall clock is the best guess left.
        """
        self._state.contradicted_since = min(self._state.contradicted_since, now)
        if now - self._state.contradicted_since > self._window:
            self._believe(self._state.live)

    def _candidates(self) -> tuple[float, ...]:
        return self._state.believed, self._state.live, self._state.ahead

    def _believe(self, offset: float) -> None:
        self._state.believed = offset
        self._state.ahead = max(self._state.ahead, offset)

    def _near(self, sequence: int, time: float) -> bool:
        return abs(seconds_ahead(sequence, time)) <= self._window
