"""When a check failed is known from its results, as exactly as these tell."""

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.telemetry.events.failures import FailureTimes

GOOD = CheckResult(Outcome.PASS, "200", 0.003)


@pytest.mark.parametrize(
    ("failure", "unsure"),
    [
        (CheckResult(Outcome.TIMEOUT, "no answer", 0.5), 0.5),
        (CheckResult(Outcome.FAIL, "refused", 0.5, prompted=True), 0.0),
        (CheckResult(Outcome.FAIL, "pid 7 died", 0.5, decisive=True), 0.0),
    ],
    ids=["sample", "after a cut", "fact"],
)
def test_it_failed_when_the_first_run_that_failed_was_asked_or_since_the_last_that_passed(
    failure: CheckResult, unsure: float
) -> None:
    failures = FailureTimes()
    for at in (8.0, 9.0):
        failures.result("http", GOOD, at)
    failures.result("http", failure, 10.0)
    failures.result("http", CheckResult(Outcome.UNKNOWN, "cannot tell"), 10.2)
    failures.result("http", CheckResult(Outcome.FAIL, "status 503"), 11.0)
    assert failures.fields("http", 11.5) == {"failing_seconds": 2.0, "unsure_seconds": unsure}


def test_without_a_result_that_failed_nothing_is_said() -> None:
    failures = FailureTimes()
    failures.result("http", CheckResult(Outcome.FAIL, "status 503"), 1.0)
    failures.result("http", GOOD, 2.0)
    assert failures.fields("http", 3.0) == failures.fields("other", 3.0) == {}


def test_without_a_result_that_passed_it_is_not_known_since_when_it_may_have_failed() -> None:
    failures = FailureTimes()
    failures.result("http", CheckResult(Outcome.FAIL, "status 503"), 1.0)
    assert failures.fields("http", 3.0) == {"failing_seconds": 2.0}
