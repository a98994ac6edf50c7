"""How long to wait before a process that has ended is started again."""

from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 0.1
LONGEST: Final = 5.0
"""Silence of 10 s ends what event-driven checks say (core/health/verdicts.py); the next one comes before."""
LONG_LIFE: Final = 60.0
"""Seconds after which a life no longer counts as one of a series of failures."""


@dataclass(slots=True)
class Backoff:
    """Seconds that double with each end, from SHORTEST to LONGEST; a life of LONG_LIFE begins anew."""

    _next: float = SHORTEST

    def after(self, lived: float) -> float:
        """Return the seconds to wait after a life of so many seconds."""
        if lived >= LONG_LIFE:
            self._next = SHORTEST
        pause, self._next = self._next, min(LONGEST, self._next * 2)
        return pause
