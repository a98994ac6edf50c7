"""Events from the process that runs the checks, and about that process itself.

Rise and fall are counted there (health.py). The router hears of a verdict when it changes, and often enough
how old the last results are: it decides by itself when a verdict has grown stale (verdicts.py). All times
are seconds of the clock that is given to `Node.step`, which both processes read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The verdict on a check is now this. `up` is None while there is none.

    `unknown`: the last result could not tell. `detail` is the phrase of the result that decided, cut to
    DETAIL_SIZE bytes. `since`: when `up` became what it is, `reported_at`: when the last result came, None if
    there is none. `decisive`: one result was enough, because it was a fact.
    """

    check: str
    up: bool | None
    unknown: bool
    detail: str
    since: float
    reported_at: float | None
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class ChecksFresh:
    """Newer results, which changed no verdict: pairs of an index in `NodeParams.checks` and a time."""

    reports: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class ObserverSilent:
    """Nothing was heard of the observer since then, or it has ended."""

    since: float


@dataclass(frozen=True, slots=True)
class ObserverBack:
    """The same observer speaks again: it has missed no event, and its verdicts are those that it told."""


@dataclass(frozen=True, slots=True)
class ObserverStarted:
    """A new observer is ready. It goes on from the `Node.verdicts` of the moment in which it was started."""


ObserverEvent = CheckVerdict | ChecksFresh | ObserverSilent | ObserverBack | ObserverStarted
