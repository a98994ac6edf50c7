"""How often nginx may be reloaded: a few times at once, and in the long run once in a while.

Each reload leaves workers behind that serve until their last connection ends, so a flapping server must
not reload for ever. The last reload is kept for the removal of a dead server: what can wait leaves it.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

BURST: Final = 4
"""Reloads that may follow each other at once."""
URGENT: Final = 1
PATIENT: Final = 2
"""Reloads that must be left for a change to be allowed to take one."""


@dataclass(slots=True)
class ReloadBudget:
    """A bucket of reloads that fills by one every `every` seconds."""

    every: float
    _left: float = BURST
    _at: float = -inf

    def available_at(self, now: float, needed: int) -> float:
        """Return when a reload is allowed that needs so many left; the past or now: it is."""
        missing = needed - self._level(now)
        # A bucket filled by many small parts may lack a rounding error.
        return now if missing <= 1e-9 else now + missing * self.every  # noqa: PLR2004

    def take(self, now: float) -> None:
        """Use one."""
        self._left, self._at = self._level(now) - 1, now

    def give_back(self) -> None:
        """The reload that was taken did not happen."""
        self._left = min(float(BURST), self._left + 1)

    def _level(self, now: float) -> float:
        if self._at == -inf:
            return self._left
        return min(float(BURST), self._left + (now - self._at) / self.every)
