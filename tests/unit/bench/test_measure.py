"""The measurement: every run is kept at once, a failure is a value, an interrupted one goes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench.contest.contenders import KEEPALIVED, PAIR, Contender
from bench.contest.measure import Wish, measure
from bench.contest.results import Results
from bench.contest.row import Result, Row
from tests.unit.bench.sample_rows import NOW, row


class Stages:
    """Counts the stages that were set, and those that were left; `run` is what happens on each."""

    def __init__(self, run: Callable[[str, int], float]) -> None:
        self._run = run
        self.set: list[str] = []
        self.left = 0

    @contextmanager
    def __call__(self, contender: Contender) -> Iterator[Callable[[int], Result]]:
        self.set.append(contender.key)
        try:
            yield lambda number: {"gap": self._run(contender.key, number)}
        finally:
            self.left += 1

    def row(self, runs: int = 3) -> Row:
        return replace(row(), scene=self, runs=runs)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results.jsonl")


def made(results: Results, contender: Contender) -> list[tuple[int, float | str]]:
    runs = results.of(row().key, contender.key, NOW)
    return [(run.number, run.error or run.values["gap"]) for run in runs]


def test_contenders_have_one_stage_each_in_turn_and_all_runs_are_kept(results: Results) -> None:
    stages = Stages(lambda _, number: float(number))
    assert measure(Wish([stages.row()]), results, NOW)
    assert stages.set == [PAIR.key, KEEPALIVED.key]
    assert made(results, PAIR) == made(results, KEEPALIVED) == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_twenty_runs_are_two_blocks_so_that_contenders_take_turns(results: Results) -> None:
    stages = Stages(lambda _, number: float(number))
    assert measure(Wish([stages.row(20)]), results, NOW)
    assert stages.set == [PAIR.key, KEEPALIVED.key] * 2


def test_a_failure_is_a_value_and_the_next_run_has_a_new_stage(results: Results) -> None:
    def run(_: str, number: int) -> float:
        if number == 1:
            raise TimeoutError("host a has\n24 of 240 VIPs")
        return 0.5

    stages = Stages(run)
    assert measure(Wish([stages.row()], contenders=[PAIR.key]), results, NOW)
    assert made(results, PAIR) == [(0, 0.5), (1, "TimeoutError: host a has 24 of 240 VIPs"), (2, 0.5)]
    assert stages.left == len(stages.set) == 2


def test_a_contender_that_cannot_is_given_up_and_the_other_goes_on(results: Results) -> None:
    def run(contender: str, _: int) -> float:
        if contender == PAIR.key:
            raise RuntimeError("no")
        return 0.5

    stages = Stages(run)
    assert measure(Wish([stages.row(20)]), results, NOW)
    assert len(made(results, PAIR)) == Results.GIVEN_UP
    assert len(made(results, KEEPALIVED)) == 20
    assert stages.left == len(stages.set)


def test_a_run_that_does_not_end_is_ended(results: Results) -> None:
    def run(_: str, number: int) -> float:
        if number == 0:
            time.sleep(30)
        return 0.5

    stages = Stages(run)
    measure(Wish([replace(stages.row(2), limit=0.3)], contenders=[PAIR.key]), results, NOW)
    assert made(results, PAIR) == [(0, "TooLongError: not done after 0.3 s"), (1, 0.5)]


def test_an_interrupted_measurement_goes_on(results: Results, tmp_path: Path) -> None:
    def run(contender: str, number: int) -> float:
        if (contender, number) == (KEEPALIVED.key, 1):
            raise KeyboardInterrupt
        return 0.5

    stages = Stages(run)
    with pytest.raises(KeyboardInterrupt):
        measure(Wish([stages.row()]), results, NOW)
    assert stages.left == 2
    again, rest = Results(tmp_path / "results.jsonl"), Stages(lambda _, number: float(number))
    assert measure(Wish([rest.row()]), again, NOW)
    assert rest.set == [KEEPALIVED.key]
    assert made(again, KEEPALIVED) == [(0, 0.5), (1, 1.0), (2, 2.0)]


def test_no_run_begins_after_the_time_is_over(results: Results) -> None:
    stages = Stages(lambda _, number: float(number))
    assert not measure(Wish([stages.row()], until=time.monotonic()), results, NOW)
    assert made(results, PAIR) == []
