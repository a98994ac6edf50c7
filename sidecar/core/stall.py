"""The stall of a process, and how long results are excused after it."""

from dataclasses import dataclass
from typing import Final

THAW: Final = 1.0
"""Most seconds after a stall of ours in which others may stand still yet: a host is thawed piece by piece.

A failure in them is no result, unless a kernel or an engine refused.
"""


@dataclass(frozen=True, slots=True)
class Stalled:
    """The process that hears this did not run for `seconds` until now: no result has aged meanwhile.

    In the thaw after it, failures are no results; none ages then, either.
    """

    seconds: float
