"""The measurement: row by row, the contenders of a row in turn, each run kept as soon as it is made."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from bench.contest.contenders import Contender
from bench.contest.results import About, Results, Run, given_up
from bench.contest.row import Result, Row

_BLOCK = 10
"""Runs of one contender before the next one has its turn, so that a machine that changes is fair to all."""
_STAGE = 180.0
"""Seconds within which a stage has to stand."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured. `runs`: of each row, instead of its own number; `until`: monotonic seconds."""

    rows: Sequence[Row]
    runs: int | None = None
    until: float = float("inf")
    contenders: Sequence[str] = ()
    """Keys of those that make runs; all without any."""


class _TooLongError(Exception):
    """Something took longer than it may."""


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise _TooLongError in the block after so many seconds."""

    def ring(_: int, __: FrameType | None) -> None:
        raise _TooLongError(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def measure(wish: Wish, results: Results, about: About) -> bool:
    """Make all runs that are missing. Return whether none is missing any more."""
    for row in wish.rows:
        while plan := _next(wish, row, results, about):
            for contender, numbers in plan:
                _block(row, contender, numbers, results, about, wish.until)
                if time.monotonic() > wish.until:
                    return False
    return True


def _next(wish: Wish, row: Row, results: Results, about: About) -> list[tuple[Contender, list[int]]]:
    """Return the next block of each contender."""
    found = []
    for contender in row.contenders:
        if wish.contenders and contender.key not in wish.contenders:
            continue
        runs = wish.runs or row.runs_of(contender)
        numbers = results.missing(row.key, contender.key, runs, about)[:_BLOCK]
        if numbers:
            found.append((contender, numbers))
    return found


def _block(
    row: Row, contender: Contender, numbers: list[int], results: Results, about: About, until: float
) -> None:
    """Make some runs on one stage. After a failure the stage is taken down: it may be in any state."""

    def keep(number: int, values: dict[str, float], error: str = "") -> None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        results.add(Run(row.key, contender.key, number, about, at, load, values, error))
        said = error or ", ".join(f"{key} {value:.4g}" for key, value in values.items())
        sys.stderr.write(f"{row.key}, {contender.key} {number + 1}: {said}\n")

    left, load = list(numbers), round(os.getloadavg()[0], 1)
    while left and time.monotonic() < until and not given_up(results.of(row.key, contender.key, about)):
        try:
            # The limit of a stage ends before the first run; leaving it has none.
            with _staged(row, contender) as once:
                while left and time.monotonic() < until:
                    load = round(os.getloadavg()[0], 1)
                    with _limit(row.limit):
                        values = dict(once(left[0]))
                    keep(left.pop(0), values)
        except Exception as failure:  # noqa: BLE001 - whatever it is: a value of the row, and the next run
            if not left:
                sys.stderr.write(f"{row.key}, {contender.key}: leaving the stage: {_short(failure)}\n")
                return
            keep(left.pop(0), {}, _short(failure))


@contextmanager
def _staged(row: Row, contender: Contender) -> Iterator[Callable[[int], Result]]:
    with ExitStack() as stack:
        with _limit(_STAGE):
            once = stack.enter_context(row.scene(contender))
        yield once


def _short(failure: Exception) -> str:
    """Return one line about a failure."""
    text = " ".join(str(failure).split())
    return f"{type(failure).__name__.removeprefix('_')}: {text[:160]}"
