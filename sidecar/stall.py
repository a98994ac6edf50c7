"""Notices that this process stood still: paused, stopped, suspended with its host, or starved.

A time-out that was measured across such a gap says nothing about its target, a result does not age in
it, and what waited meanwhile is history. A target that was paused with us goes on a little earlier or
later, so that a time-out right after a stall says nothing either. One watch for each event loop: the loop
beats, and a beat that comes too late is a stall. The clock counts while the host is suspended.
"""

from collections.abc import Callable
from math import inf
from threading import Lock
from typing import Final

from sidecar.clock import clock
from sidecar.core.stall import THAW

BEAT: Final = 0.2
"""Seconds between two beats of a loop."""
SLACK: Final = 0.2
"""Seconds by which a beat may be late on a busy machine."""
REPEAT_AFTER: Final = 0.05
"""Seconds after which what a stall of ours has excused is tried again."""


class StallWatch:
    """The stalls of one event loop. Until the first beat there is none. May be asked from any thread.

    A stall is known to whoever asks first after it, whatever the loop does first.
    """

    def __init__(self, beat: float = BEAT, clock: Callable[[], float] = clock) -> None:
        self.clock = clock
        self._most = beat + SLACK
        self._lock = Lock()
        self._last = inf
        self._ended_at = -inf
        self._thawed_at = -inf
        self._total = 0.0

    def beat(self, following: float | None = None) -> None:
        """The loop is alive. `following`: seconds to the next beat, from now on."""
        with self._lock:
            self._notice()
            self._last = self.clock()
            if following is not None:
                self._most = following + SLACK

    def end(self) -> None:
        """The loop has ended: what it does not beat any more is no stall."""
        with self._lock:
            self._last = inf

    def since(self, moment: float) -> bool:
        """Say whether there was a stall after `moment`, a reading of `clock`."""
        with self._lock:
            self._notice()
            return self._ended_at > moment

    def excuses(self, asked: float) -> bool:
        """Say whether what began at `asked` and fails now may have failed because of a stall.

        It has lasted through one, or those who stood still with us may not go on yet: for as long as we
        stood still, at most THAW.
        """
        with self._lock:
            self._notice()
            return self._ended_at > asked or self.clock() < self._thawed_at

    @property
    def ended_at(self) -> float:
        """When the last stall ended, a reading of `clock`; minus infinity: there was none."""
        with self._lock:
            self._notice()
            return self._ended_at

    @property
    def total(self) -> float:
        """Seconds of all stalls so far."""
        with self._lock:
            self._notice()
            return self._total

    def _notice(self) -> None:
        now = self.clock()
        gap = now - self._last
        if gap > self._most:
            self._total += gap
            self._ended_at = self._last = now
            # A short stall is one of a busy machine: nobody needs longer than it lasted to go on.
            self._thawed_at = now + min(gap, THAW)


class StallMeter:
    """How long we stood still between two readings."""

    def __init__(self, watch: StallWatch) -> None:
        self._watch = watch
        self._read = watch.total

    def news(self) -> float:
        """Return the seconds of the stalls since the last call; 0: there was none."""
        before, self._read = self._read, self._watch.total
        return self._read - before
