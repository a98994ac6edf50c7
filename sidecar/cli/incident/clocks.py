"""How far the clock of one host is ahead of another one's, and how exactly that is known. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.cli.incident.history import Record

_SAME: Final = 60.0
"""Seconds by which two clocks may differ for a resignation that was sent and heard to be the same one."""
_DELAY: Final = 0.02
"""Seconds between the decision to resign and the reception of priority 0: the VIPs are removed first."""
_RESIGNED: Final = "priority_zero"


@dataclass(frozen=True, slots=True)
class Reading:
    """A host's wall clock, read between two moments of the clock of whoever reads."""

    before: float
    after: float
    wall: float

    @property
    def within(self) -> float:
        """By how much the reading can be wrong: half of the round trip."""
        return (self.after - self.before) / 2

    @property
    def ahead(self) -> float:
        """How far that clock is ahead of the reader's."""
        return self.wall - (self.before + self.after) / 2


@dataclass(frozen=True, slots=True)
class Offset:
    """A clock is `seconds` ahead of the reference, give or take `within`. `how` it was found, in words."""

    seconds: float
    within: float
    how: str


ITSELF: Final = Offset(0.0, 0.0, "all times are by its clock")


def by_round_trip(reference: Reading, other: Reading) -> Offset:
    """Return the offset that two questions show. The quickest of several answers says most."""
    return Offset(
        other.ahead - reference.ahead,
        other.within + reference.within,
        "by the round trip of a question to it",
    )


def by_resignation(reference: Iterable[Record], other: Iterable[Record]) -> Offset | None:
    """Return the offset that the latest resignation shows which one host sent and the other heard."""
    ours, theirs = _moves(reference), _moves(other)
    pairs = [(heard, heard - sent) for sent, heard in _pairs(ours, theirs)]
    pairs += [(sent, sent - heard) for sent, heard in _pairs(theirs, ours)]
    if not pairs:
        return None
    _, difference = max(pairs)
    return Offset(difference, _DELAY, "by a resignation that one of the two sent and the other heard")


_Moves = Mapping[str, list[Record]]


def _pairs(senders: _Moves, hearers: _Moves) -> Iterator[tuple[float, float]]:
    """Yield when a resignation was sent and when it was heard, each by the clock of its own host."""
    for router, records in hearers.items():
        left = sorted(each.at for each in senders.get(router, ()) if each.text("from") == "MASTER")
        for record in records:
            took = record.seconds("took_ms")
            if record.text("reason") != _RESIGNED or took is None or not left:
                continue
            heard = record.at - took / 1000
            near = bisect_left(left, heard)
            sent = min(left[max(0, near - 1) : near + 1], key=lambda at: abs(heard - at))
            if abs(heard - sent) < _SAME:
                yield sent, heard


def _moves(records: Iterable[Record]) -> _Moves:
    """Return the changes of state by virtual router."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.text("event") == "transition":
            found.setdefault(record.text("router"), []).append(record)
    return found
