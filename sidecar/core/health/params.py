"""Parameters of the decisions about checks."""

from dataclasses import dataclass
from typing import Final

OBSERVER_SILENCE: Final = 10.0
"""Seconds without a word of the observer after which no check without `max_age` is believed any more."""


@dataclass(frozen=True, slots=True)
class DampingParams:
    """Flap damping: `free` failures cost nothing, then hold-downs of `hold`, twice that, ... `most` seconds.

    A quiet time of `forget` seconds begins the count anew.
    """

    free: int = 0
    hold: float = 3.0
    most: float = 300.0
    forget: float = 600.0


@dataclass(frozen=True, slots=True)
class CheckParams:
    """How the results of one check become a verdict. Thresholds live here, never in a probe."""

    name: str
    kind: str
    rise: int = 2
    fall: int = 2
    weight: int | None = None
    """Negative: added to the priority while the check is down. Positive: while it is up. None: required."""
    max_age: float | None = None
    """Seconds after which a result is stale and counts as a failure. None: event driven, never stale."""

    @property
    def told_within(self) -> float:
        """Seconds within which the router hears of a result that changes no verdict."""
        return 1.0 if self.max_age is None else min(1.0, max(0.1, self.max_age / 8))
