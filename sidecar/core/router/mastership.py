"""Which of the masters that were heard serve at the same time.

When the VIP moves, the adverts of two masters are heard within a moment: the last ones of the old one, the
first ones of the new one. That is no split. Two masters serve together when the first advert of one is more
than an interval older than the last one of the other, and the other way round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SILENCE: Final = 3.5
"""Intervals without an advert that end a mastership: as many make a backup take over."""


@dataclass(frozen=True, slots=True)
class Mastership:
    """A master from its first advert to its last one, without a pause. `interval` is between two of them."""

    began: float
    last: float
    interval: float

    def beside(self, other: "Mastership") -> bool:
        """Whether both served at the same time, and not only while one took over from the other."""
        together = min(self.last, other.last) - max(self.began, other.began)
        return together > max(self.interval, other.interval)


def masters(masterships: Sequence[Mastership]) -> int:
    """Return how many serve together, or 1 if at most one of them does; 0 if there is none."""
    together = sum(
        any(one is not other and one.beside(other) for other in masterships) for one in masterships
    )
    return together or min(1, len(masterships))


def went_on(began: float, last: float, interval: float, now: float) -> float:
    """Return since when a master serves that is heard again: since now, if it was silent in between."""
    return began if now - last <= _SILENCE * interval else now
