"""How often a failing container may be restarted. Pure: times are seconds of a clock that never goes back.

A restart mends a hung nginx and never a broken configuration. So there is a pause before the first one,
in which Docker's own restart policy or a person may act, twice the pause before each further one, and
an end: after MOST of them within WINDOW nothing is done until the oldest is forgotten.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

PAUSE: Final = 2.0
"""Seconds between a failure, or a first restart, and the next restart."""
MOST: Final = 5
WINDOW: Final = 600.0


@dataclass(slots=True)
class RestartBudget:
    """The restarts of one container."""

    _spent: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))

    def next_at(self, down_since: float) -> float:
        """When the next restart of a container that is down may happen. May be in the past."""
        recent = [at for at in self._spent if down_since - at < WINDOW]
        if not recent:
            return down_since + PAUSE
        earliest = max(down_since + PAUSE, recent[-1] + PAUSE * 2.0 ** len(recent))
        return earliest if len(recent) < MOST else max(earliest, recent[0] + WINDOW)

    def spend(self, now: float) -> None:
        """A restart was tried."""
        self._spent.append(now)
