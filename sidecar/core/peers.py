"""Who is heard. Evidence for people (two masters at once, refused senders) and for the preemption rule."""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.core.lookups import Lookups
from sidecar.core.mismatches import Mismatches
from sidecar.core.params import Address
from sidecar.core.snapshot import MasterSeen

REMEMBERED: Final = 16
"""Senders remembered at most, so that forged sources cannot fill the memory."""


@dataclass(slots=True)
class Peers:
    """Every sender of an accepted advertisement that was not a farewell, with when it was last heard."""

    master: MasterSeen | None = None
    """The sender heard last, and not the last word of one whom a better master has just replaced."""
    _heard: dict[Address, float] = field(default_factory=dict)
    lookups: Lookups = field(default_factory=Lookups)
    """Searches for the machines of unexpected masters."""
    mismatches: Mismatches = field(default_factory=Mismatches)
    """Senders that are refused, or that are followed although their addresses differ."""

    def knows(self, source: Address) -> bool:
        """Whether this sender was a master before."""
        return source in self._heard

    def hear(self, source: Address, priority: int, interval: float, now: float) -> float | None:
        """Note an advertisement; return the seconds since the last one of this sender, if there was one."""
        if priority == 0:
            if self.master is not None and self.master.source == source:
                self.master = None
            # Who resigned is no master any more, but no stranger either.
            if source in self._heard:
                self._heard[source] = -inf
            return None
        before = self._heard.pop(source, None)
        if len(self._heard) >= REMEMBERED:
            del self._heard[next(iter(self._heard))]
        self._heard[source] = now
        if not self._outranked(source, priority, 2 * interval, now):
            self.master = MasterSeen(source, priority, now)
        return None if before in (None, -inf) else now - before

    def _outranked(self, source: Address, priority: int, window: float, now: float) -> bool:
        """Whether a better master was heard within the last `window` seconds."""
        master = self.master
        if master is None or master.source == source or master.priority <= priority:
            return False
        return now - master.heard_at <= window

    def observed(self, now: float, window: float) -> int:
        """Return how many masters were heard within the last `window` seconds."""
        return sum(1 for at in self._heard.values() if now - at <= window)
