"""A row as the comparison has them, and runs of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.contest.contenders import KEEPALIVED, PAIR, Contender
from bench.contest.results import About, Run
from bench.contest.row import Measured, Result, Row, Target

NOW = About("abc1234567", "a machine")
OLD = About("old", "a machine")
GAP = Measured("gap", "longest gap", targets={PAIR.key: Target(most=0.02, share=1 / 3)})


@contextmanager
def nowhere(_: Contender) -> Iterator[Result]:
    """A scene that is never opened."""
    yield {}


def row(key: str = "nginx-killed-1s", measures: Sequence[Measured] = (GAP,)) -> Row:
    return Row(key, "What visitors notice", "nginx killed, A = 1 s", measures, nowhere, 3, (PAIR, KEEPALIVED))  # type: ignore[arg-type]


def runs(
    contender: Contender, seconds: Sequence[float], key: str = "nginx-killed-1s", about: About = NOW
) -> list[Run]:
    return [
        Run(key, contender.key, number, about, f"2026-11-27T13:{number:02}:00Z", 1.0, {"gap": each})
        for number, each in enumerate(seconds)
    ]


def failed(contender: Contender, error: str, key: str = "nginx-killed-1s") -> Run:
    return Run(key, contender.key, 9, NOW, "2026-11-27T14:00:00Z", 1.0, {}, error)
