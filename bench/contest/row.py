"""A row of the comparison: what is done, what of it is measured, and what must come of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import fnmatch

from bench.contest.contenders import KEEPALIVED, PAIR, Contender
from bench.statistics import Row as Summary

Result = Mapping[str, float]
"""A value for each measure of a row. Infinite: it did not come while we looked."""
Scene = Callable[[Contender], AbstractContextManager[Callable[[int], Result]]]
"""Sets the stage for a contender; what it yields does one run, by its number."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a median must be: absolutely, beside keepalived's of the same row, or both."""

    most: float | None = None
    beyond: float | None = None
    """At most so much above keepalived's."""
    share: float | None = None
    """At most this part of keepalived's."""
    every: bool = False
    """Of every run, not of the median."""

    def met(self, ours: Summary, theirs: Summary | None) -> bool | None:
        """Whether it is met; None if keepalived was not measured and the target needs that."""
        if theirs is None and (self.beyond, self.share) != (None, None):
            return None
        figure = ours.maximum if self.every else ours.median
        limits = [] if self.most is None else [self.most]
        if theirs is not None:
            limits += [] if self.beyond is None else [theirs.median + self.beyond]
            limits += [] if self.share is None else [theirs.median * self.share]
        return all(figure <= limit for limit in limits)


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a row. `unit` is s, or what stands behind the number; `targets` by contender."""

    key: str
    title: str
    unit: str = "s"
    targets: Mapping[str, Target] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `runs` of it are made of each contender, of some more or fewer (`other_runs`)."""

    key: str
    section: str
    title: str
    measures: Sequence[Measured]
    scene: Scene
    runs: int = 8
    contenders: Sequence[Contender] = (PAIR, KEEPALIVED)
    other_runs: Mapping[str, int] = field(default_factory=dict)
    limit: float = 120.0
    """Seconds after which one run has failed."""

    def runs_of(self, contender: Contender) -> int:
        """How many runs a contender has to make."""
        return self.other_runs.get(contender.key, self.runs)


def chosen(rows: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """Return the rows that match a pattern; all without patterns. ValueError: a pattern matches none."""
    for pattern in patterns:
        if not any(fnmatch(row.key, pattern) for row in rows):
            raise ValueError(f"no row is called {pattern}; there are {' '.join(row.key for row in rows)}")
    return [row for row in rows if not patterns or any(fnmatch(row.key, each) for each in patterns)]
