"""When to announce the VIPs.

At a takeover at once and then every 1.1 s, five times in all: Linux refuses to change a neighbour
entry again within one second (arp locktime), so a repeat inside that second can be lost. Then a
slow refresh for ever: a neighbour that missed all five, or believed a second master for a moment,
must not stay wrong until its cache expires.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

SPACING: Final = 1.1
BURST: Final = 5
REFRESH: Final = 10.0
NUDGE_SPACING: Final = 0.1


@dataclass(slots=True)
class Announcer:
    """The schedule of one virtual router. Times are seconds of the core's clock."""

    deadline: float = inf
    _left: int = 0
    _last: float = -inf

    def start(self, now: float) -> None:
        """Begin a burst: the first announcement is due at `now`."""
        self.deadline = now
        self._left = BURST

    def nudge(self, now: float) -> None:
        """Begin a burst because a second master was seen, but never more than ten announcements a second."""
        self.start(max(now, self._last + NUDGE_SPACING))

    def cancel(self) -> None:
        """Announce nothing any more."""
        self.deadline = inf

    def due(self, now: float) -> bool:
        """Say whether to announce now, and if so move on to the next time."""
        if now < self.deadline:
            return False
        self._last = now
        self._left = max(0, self._left - 1)
        self.deadline = now + (SPACING if self._left else REFRESH)
        return True
