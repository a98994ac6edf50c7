"""Heard senders: evidence for people (two masters at once, refused senders) and for the preemption rule."""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.core.address import Address
from sidecar.core.router.lookups import Lookups
from sidecar.core.router.mastership import Mastership, masters, went_on
from sidecar.core.router.mismatches import Mismatches
from sidecar.core.snapshot import MasterSeen

REMEMBERED: Final = 16
"""Senders remembered at most, so that forged sources cannot fill the memory."""
LONGEST: Final = 10.0
"""Seconds between adverts that are believed at most of a master that nobody here follows."""


def patience(ours: float, theirs: float) -> float:
    """Return the interval by which a sender is judged that says `theirs`, where we count on `ours`.

    A lesser master that is outwaited is not followed, so its interval is not learnt. But between two of its
    adverts it is as alive as any other.
    """
    return max(ours, min(theirs, LONGEST))


def serves(master: MasterSeen, interval: float, now: float) -> bool:
    """Whether a master was heard within the last two intervals, of ours or of its own."""
    return now - master.heard_at < 2 * patience(interval, master.interval)


@dataclass(slots=True)
class Peers:
    """Every sender of an accepted advertisement above priority 0, with when it was last heard."""

    master: MasterSeen | None = None
    """The sender heard last, and not the last word of one whom a better master has just replaced."""
    _heard: dict[Address, MasterSeen] = field(default_factory=dict)
    _began: dict[Address, float] = field(default_factory=dict)
    """When each of them was heard first, since it was silent last."""
    lookups: Lookups = field(default_factory=Lookups)
    """Searches for the machines of unexpected masters."""
    mismatches: Mismatches = field(default_factory=Mismatches)
    """Senders that are refused, or that are followed although their addresses differ."""

    def knows(self, source: Address) -> bool:
        """Whether this sender was a master before."""
        return source in self._heard

    def others(self, source: Address) -> bool:
        """Whether anybody but this sender was a master before."""
        return bool(self._heard.keys() - {source})

    def identified(self, source: Address, mac: bytes | None) -> None:
        """A search for the machine of a sender has ended. None: it has found nothing."""
        self.mismatches.identified(source, mac)
        if mac is None:
            self.lookups.missed(source)

    def hear(self, source: Address, priority: int, interval: float, now: float) -> float | None:
        """Note an advertisement; return the seconds since the last one of this sender, if there was one."""
        if priority == 0:
            if self.master is not None and self.master.source == source:
                self.master = None
            # A sender that resigned is no master any more, but not an unknown sender either.
            if source in self._heard:
                self._heard[source] = MasterSeen(source, 0, -inf, interval)
            return None
        before = self._heard.pop(source, None)
        last = -inf if before is None else before.heard_at
        self._began[source] = went_on(self._began.get(source, now), last, interval, now)
        if len(self._heard) >= REMEMBERED:
            forgotten = next(iter(self._heard))
            del self._heard[forgotten], self._began[forgotten]
        self._heard[source] = seen = MasterSeen(source, priority, now, interval)
        if not self._outranked(seen, now):
            self.master = seen
        return None if before is None or before.heard_at == -inf else now - before.heard_at

    def _outranked(self, seen: MasterSeen, now: float) -> bool:
        """Whether a better master serves."""
        master = self.master
        if master is None or master.source == seen.source or master.priority <= seen.priority:
            return False
        return serves(master, seen.interval, now)

    def observed(self, now: float, window: float, serving_since: float | None = None) -> int:
        """Return how many masters serve now, this host (`serving_since`) among them. None that yielded.

        Each was heard within `window` seconds, or within three intervals of its own. Where more senders were
        heard than are remembered, each of them counts: nobody knows which of them have yielded.
        """
        heard = [
            each
            for each in self._heard.values()
            if now - each.heard_at <= max(window, 3 * min(each.interval, LONGEST))
        ]
        if len(heard) >= REMEMBERED:
            return len(heard) + (serving_since is not None)
        masterships = [
            Mastership(self._began[each.source], each.heard_at, min(each.interval, LONGEST)) for each in heard
        ]
        if serving_since is not None:
            masterships.append(Mastership(serving_since, now, 0.0))
        return masters(masterships)
