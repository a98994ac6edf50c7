"""When to search for the machine behind a sender's address: a flood of forged sources must cost nothing."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.core.address import Address

LOOKUP_SPACING: Final = 10.0
"""Seconds between two searches for the machine behind the same sender, unless the first one found nothing."""
LOOKUPS: Final = 4
"""Searches in that time at most, of all senders together."""


@dataclass(slots=True)
class _Search:
    """A search for a sender, begun at `at`. `missed`: it has found nobody."""

    source: Address
    at: float
    missed: bool = False


@dataclass(slots=True)
class Lookups:
    """The searches of the last seconds, of all senders. Times are of the core's clock."""

    _recent: list[_Search] = field(default_factory=list)

    def due(self, source: Address, now: float) -> bool:
        """Say whether to search for a sender's machine now; if so, count the search."""
        self._recent = [each for each in self._recent if now - each.at < LOOKUP_SPACING]
        waits = any(each.source == source and not each.missed for each in self._recent)
        due = not waits and len(self._recent) < LOOKUPS
        if due:
            self._recent.append(_Search(source, now))
        return due

    def missed(self, source: Address) -> None:
        """A search has found nothing: the next packet of the sender is worth another, within the bound.

        A packet may have come just before the search began, or none while it lasted.
        """
        for each in self._recent:
            each.missed = each.missed or each.source == source
