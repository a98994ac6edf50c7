"""Senders that are refused, or followed although their addresses differ: bounded memory of the last seconds.

Anybody on the LAN can invent senders. At most MOST are remembered, each until it has been silent for
SILENCE. A full list takes a new sender only if that one names our VIPs and another does not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sidecar.core.address import Address
from sidecar.core.router.differences import Difference
from sidecar.core.router.lookups import Lookups
from sidecar.core.snapshot import PeerMismatch

MOST: Final = 16
"""Senders that are remembered, each once for each reason."""
SILENCE: Final = 10.0
"""Seconds of silence after which a sender is no longer told of. Many intervals, because keepalived that hears
a master of another version sends only when its timer runs out before ours: once in ten intervals at times."""
_TOLD_EVERY: Final = 1.0
"""Seconds between two reports about one sender: what is between them is counted."""
_NAMED: Final = 3
"""Senders that the reason of a takeover names."""


@dataclass(slots=True)
class _Entry:
    """What is known of one way in which the advertisements of a sender differ."""

    refused: bool
    ours: bool
    """Whether it names a VIP of ours."""
    adverts: int = 0
    heard_at: float = 0.0
    until: float = 0.0
    told_at: float | None = None
    difference: Difference | None = None


@dataclass(slots=True)
class Mismatches:
    """The senders of one router whose advertisements differ from ours. Times are of the core's clock."""

    _entries: dict[tuple[Address, str], _Entry] = field(default_factory=dict)
    _macs: dict[Address, bytes] = field(default_factory=dict)
    _lookups: Lookups = field(default_factory=Lookups)

    def note(
        self,
        source: Address,
        reason: str,
        explain: Callable[[], Difference],
        now: float,
        *,
        refused: bool,
        ours: bool,
    ) -> Difference | None:
        """Count an advertisement of a sender. Return what to tell people, None if there is no news.

        `explain` is asked only for what is told.
        """
        entry = self._entry((source, reason), now, refused=refused, ours=ours)
        if entry is None:
            return None
        if entry.refused is not refused:
            # Its list was changed: what was said of it is no longer true, but a second word can wait.
            entry.refused, entry.adverts, entry.difference = refused, 0, explain()
        entry.adverts += 1
        entry.heard_at, entry.until = now, now + SILENCE
        if entry.told_at is not None and now - entry.told_at < _TOLD_EVERY:
            return None
        entry.told_at, entry.difference = now, explain()
        return entry.difference

    def lookup_due(self, source: Address, now: float) -> bool:
        """Say whether to search for the machine of a sender that was refused more than once."""
        if source in self._macs:
            return False
        repeats = any(who == source and entry.adverts > 1 for (who, _), entry in self._entries.items())
        return repeats and self._lookups.due(source, now)

    def identified(self, source: Address, mac: bytes | None) -> None:
        """Note the MAC address of a sender, if it is one of these. None: the search has found nothing."""
        if mac is None:
            self._lookups.missed(source)
        elif any(who == source for who, _ in self._entries):
            self._macs[source] = mac

    def current(self, now: float) -> tuple[PeerMismatch, ...]:
        """Return what is heard now, the worst first: refused, in the name of our VIPs, often."""
        if not self._entries:
            return ()
        heard = ((key, entry) for key, entry in self._entries.items() if entry.until > now)
        found = sorted(heard, key=lambda item: _severity(item[1]), reverse=True)
        return tuple(
            PeerMismatch(
                source=source,
                mac=self._macs.get(source),
                reason=reason,
                refused=entry.refused,
                detail=entry.difference.detail,
                remedy=entry.difference.remedy,
                adverts=entry.adverts,
                heard_at=entry.heard_at,
            )
            for (source, reason), entry in found
            if entry.difference is not None
        )

    def refused_since(self, moment: float, now: float) -> str:
        """Return a clause about what was refused since a moment, "" if nothing was."""
        heard = [each for each in self.current(now) if each.refused and each.heard_at >= moment]
        parts = [
            f"{each.adverts} {'advert' if each.adverts == 1 else 'adverts'} of {each.source} ({each.detail})"
            for each in heard[:_NAMED]
        ]
        if len(heard) > _NAMED:
            parts.append(f"those of {len(heard) - _NAMED} more")
        return f"; heard and refused: {', '.join(parts)}" if parts else ""

    def _entry(self, key: tuple[Address, str], now: float, *, refused: bool, ours: bool) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.until > now:
            entry.ours = entry.ours or ours
            return entry
        if entry is None and not self._make_room(now, ours=ours):
            return None
        entry = self._entries[key] = _Entry(refused, ours)
        return entry

    def _make_room(self, now: float, *, ours: bool) -> bool:
        if len(self._entries) < MOST:
            return True
        self._forget(now)
        if len(self._entries) < MOST:
            return True
        others = [key for key, entry in self._entries.items() if not entry.ours] if ours else []
        if not others:
            return False
        del self._entries[min(others, key=lambda key: self._entries[key].adverts)]
        return True

    def _forget(self, now: float) -> None:
        silent = [key for key, entry in self._entries.items() if entry.until <= now]
        for key in silent:
            del self._entries[key]
        if silent:
            left = {source for source, _ in self._entries}
            self._macs = {source: mac for source, mac in self._macs.items() if source in left}


def _severity(entry: _Entry) -> tuple[bool, bool, int]:
    return entry.refused, entry.ours, entry.adverts
