"""Rise and fall for results of several threads: order, stalls, time."""

from collections.abc import Iterable
from threading import Thread

import pytest

from sidecar.checks.health_keeper import HealthKeeper
from sidecar.core.health.health import HealthReport
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.stall import StallWatch

PASS = CheckResult(Outcome.PASS, "200")
FAIL = CheckResult(Outcome.FAIL, "503")


class Stage:
    """A keeper of two checks on a clock that is set by hand."""

    def __init__(self, *known: CheckVerdict) -> None:
        self.now = 100.0
        self.told: list[HealthReport] = []
        self.stalls = StallWatch(clock=lambda: self.now)
        self.stalls.beat()
        checks = (CheckParams("http", "http", max_age=4.0), CheckParams("nginx", "process"))
        self.asked_for: list[float] = []
        self.keeper = HealthKeeper(checks, self.stalls, self._tell, self.asked_for.append, known)

    def _tell(self, reports: Iterable[HealthReport]) -> None:
        self.told += reports

    def let_pass(self, seconds: float) -> None:
        """Time passes while the loop beats."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.stalls.beat()

    def verdicts(self) -> list[bool | None]:
        return [each.up for each in self.told if isinstance(each, CheckVerdict)]


def test_a_result_is_told_at_once_and_shown() -> None:
    stage = Stage()
    stage.keeper.result("http", PASS)
    assert stage.told == [
        CheckFinished("http", "http", PASS),
        CheckVerdict("http", True, False, "200", 100.0, 100.0),
    ]
    assert [(each.up, each.detail) for each in stage.keeper.snapshot] == [
        (True, "200"),
        (None, "no result yet"),
    ]


def test_a_tick_is_asked_for_when_something_will_be_due_and_not_again_and_again() -> None:
    stage = Stage()
    stage.keeper.result("nginx", PASS)
    assert stage.asked_for == []
    stage.keeper.result("http", PASS)
    stage.let_pass(1.0)
    stage.keeper.result("http", PASS)
    stage.let_pass(0.1)
    stage.keeper.result("http", PASS)
    assert stage.asked_for == [104.0, pytest.approx(101.5)]
    stage.let_pass(0.5)
    stage.keeper.tick()
    assert isinstance(stage.told[-1], ChecksFresh)
    assert stage.asked_for[2:] == [pytest.approx(105.1)]


def test_a_tick_too_early_tells_nothing_and_asks_again() -> None:
    stage = Stage()
    stage.keeper.result("http", PASS)
    told = len(stage.told)
    stage.keeper.tick()
    assert len(stage.told) == told
    assert stage.asked_for == [104.0, 104.0]


def test_a_probe_that_says_nothing_has_failed_after_max_age() -> None:
    stage = Stage()
    stage.keeper.result("http", PASS)
    stage.let_pass(4.1)
    stage.keeper.tick()
    assert stage.verdicts() == [True, False]


def test_results_age_in_no_stall_whoever_notices_it_first() -> None:
    stage = Stage()
    stage.keeper.result("http", PASS)
    stage.now += 60.0
    stage.keeper.tick()
    assert stage.verdicts() == [True]
    stage.keeper.result("nginx", PASS)
    stage.let_pass(4.0)
    stage.keeper.tick()
    assert stage.verdicts() == [True, True]
    stage.let_pass(1.2)
    stage.keeper.tick()
    assert stage.verdicts() == [True, True, False]


def test_a_keeper_goes_on_from_what_is_known() -> None:
    stage = Stage(CheckVerdict("http", True, False, "200", 90.0, 99.0))
    stage.keeper.result("http", FAIL)
    assert stage.verdicts() == []
    stage.keeper.result("http", FAIL)
    assert stage.verdicts() == [False]


def test_results_of_many_threads_are_counted_one_by_one() -> None:
    stage = Stage()

    def report() -> None:
        for _ in range(200):
            stage.keeper.result("http", PASS)

    threads = [Thread(target=report) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(each, CheckFinished) for each in stage.told) == 1600
    assert stage.verdicts() == [True]
