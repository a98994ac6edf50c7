"""How quick the observer and its channel to the router are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between two runs of a polled check, and that a message to the router takes at most.

    `noticed` is how long the router needs to notice that nothing is heard any more.
    """

    every: float
    delay: float
    noticed: float
