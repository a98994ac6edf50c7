"""What the observer may tell the router: results, that it lives, questions, ends of hooks, wishes.

No parameter is among it, and the router trusts none of it: a message that is out of bounds is counted and
dropped, and the worst that the others can do is what the checks may do anyway, or a hook that never ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from sidecar.channel import drain
from sidecar.channel.codec import Codec, Table
from sidecar.channel.endpoint import Pace
from sidecar.channel.limits import Cut, Most, Range
from sidecar.channel.parameters import CHECKS
from sidecar.channel.reload import Exchanged, Prepared, ReloadAsked
from sidecar.core.events import HookEnded
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict

TIME: Final = Range(-1e12, 1e12)
"""Seconds of the clock of this host, which began when it booted."""
DETAIL: Final = Cut(200)
MOST_UP: Final = 6 * 1024
"""Bytes of the longest message."""
MOST_FRESH: Final = 32
"""Results that one message may hold; the sender splits what is more."""
UP_PACE: Final = Pace(messages=16, seconds=0.05, most_bytes=MOST_UP)
"""Messages that the router reads in a turn and in each window of time: a flood costs it a bounded share."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The observer has its plan and is at work."""


@dataclass(frozen=True, slots=True)
class Alive:
    """The observer lived at that moment, and had received so many messages. Said in answer to Beat."""

    at: Annotated[float, TIME]
    received: Annotated[int, Range(0, 2**63 - 1)]


@dataclass(frozen=True, slots=True)
class Look:
    """How do things stand? A Pulse with this number, or a later one, answers it.

    `totals`: those of counters are wanted, too.
    """

    number: Annotated[int, Range(0, 2**63 - 1)]
    totals: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """The check of this index in `NodeParams.checks` had its last result at that moment."""

    index: Annotated[int, Range(0, CHECKS.number - 1)]
    at: Annotated[float, TIME]


@dataclass(frozen=True, slots=True)
class FreshResults:
    """Newer results that changed no verdict."""

    results: Annotated[tuple[Fresh, ...], Most(MOST_FRESH)]

    @property
    def event(self) -> ChecksFresh:
        """The same as the core hears it."""
        return ChecksFresh(tuple((each.index, each.at) for each in self.results))


Up = (
    Ready
    | Alive
    | Look
    | CheckVerdict
    | FreshResults
    | ReloadAsked
    | Prepared
    | Exchanged
    | DrainAsked
    | UndrainAsked
    | HookEnded
)

BOUNDS: Final[Table] = {
    **drain.BOUNDS,
    (CheckVerdict, "detail"): DETAIL,
    (HookEnded, "asked_at"): TIME,
    (HookEnded, "detail"): DETAIL,
    (CheckVerdict, "since"): TIME,
    (CheckVerdict, "reported_at"): TIME,
}

UP: Final[Codec[Up]] = Codec(Up, BOUNDS)


def fresh_results(event: ChecksFresh) -> Iterator[FreshResults]:
    """Yield the messages that carry what the core says in one event."""
    results = tuple(Fresh(index, at) for index, at in event.reports)
    for first in range(0, len(results), MOST_FRESH):
        yield FreshResults(results[first : first + MOST_FRESH])
