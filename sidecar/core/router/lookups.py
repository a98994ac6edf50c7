"""When to search for the machine behind a sender's address: a flood of forged sources must cost nothing."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.core.address import Address

LOOKUP_SPACING: Final = 10.0
"""Seconds between two searches for the machine behind the same sender."""
LOOKUPS: Final = 4
"""Searches in that time at most."""


@dataclass(slots=True)
class Lookups:
    """The searches of the last seconds, by sender."""

    _at: dict[Address, float] = field(default_factory=dict)

    def due(self, source: Address, now: float) -> bool:
        """Say whether to search for a sender's machine now; if so, count the search."""
        recent = {who: at for who, at in self._at.items() if now - at < LOOKUP_SPACING}
        due = source not in recent and len(recent) < LOOKUPS
        if due:
            recent[source] = now
        self._at = recent
        return due
