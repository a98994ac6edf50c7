"""When to announce the VIPs.

At a takeover at once and then every 1.1 s, five times in all: Linux refuses to change a neighbour
entry again within one second (arp locktime), so a repeat inside that second can be lost. Then a
slow refresh for ever: a neighbour that missed all five, or believed a second master for a moment,
must not stay wrong until its cache expires.

The first of each VIP is never held back. Repeats are paced, for all routers of the host together: switches
that look at ARP limit how much of it they take, and what they drop of a first burst must come again alone.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

SPACING: Final = 1.1
BURST: Final = 5
REFRESH: Final = 10.0
NUDGE_SPACING: Final = 0.1
PORTION: Final = 8
"""VIPs whose announcements are repeated together."""
PACE: Final = 400.0
"""VIPs a second whose announcements are repeated: two ARP packets each, or one of neighbour discovery."""


@dataclass(slots=True)
class AnnouncementPace:
    """The repeats of all routers of a host, one after the other. Times are seconds of the core's clock."""

    _free_at: float = -inf

    def reserve(self, now: float, vips: int) -> float:
        """Return when so many VIPs may be announced again. That time is theirs."""
        at = max(now, self._free_at)
        self._free_at = at + vips / PACE
        return at


@dataclass(slots=True)
class Announcer:
    """The schedule of one virtual router. Times are seconds of the core's clock.

    A round announces every VIP once. Its times count from its beginning, however long it takes.
    """

    deadline: float = inf
    _left: int = 0
    _last: float = -inf
    _round_at: float = -inf
    _place: int = 0
    """Of the next VIP of this round."""
    _reserved: bool = False
    """Whether the deadline is a time that the pace has given."""

    def start(self, now: float) -> None:
        """Begin a burst: the first announcement is due at `now`."""
        self.deadline = now
        self._left = BURST
        self._place, self._reserved = 0, False

    def nudge(self, now: float) -> None:
        """Begin a burst because a second master was seen, but never more than ten announcements a second."""
        self.start(max(now, self._last + NUDGE_SPACING))

    def cancel(self) -> None:
        """Announce nothing any more."""
        self.deadline = inf

    def due(self, now: float, vips: int, pace: AnnouncementPace) -> range:
        """Return the places of the VIPs to announce now, of so many, and move on to the next time."""
        if now < self.deadline:
            return range(0)
        first = self._place if self._place < vips else 0
        if self._left == BURST:
            return self._announce(now, range(vips), vips)
        portion = range(first, min(first + PORTION, vips))
        if not self._reserved:
            at = pace.reserve(now, len(portion))
            if at > now:
                self.deadline, self._reserved = at, True
                return range(0)
        return self._announce(now, portion, vips)

    def _announce(self, now: float, portion: range, vips: int) -> range:
        self._reserved = False
        if portion.start == 0:
            self._round_at = self._last = now
        self._place = portion.stop
        if portion.stop < vips:
            self.deadline = now + len(portion) / PACE
            return portion
        self._place = 0
        self._left = max(0, self._left - 1)
        self.deadline = max(now, self._round_at + (SPACING if self._left else REFRESH))
        return portion
