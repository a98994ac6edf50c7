"""The observer's step: what is counted, what the router is told, and when.

Modules: core.health.params.
"""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.health.health import DETAIL_SIZE, Health, HealthReport
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.result import CheckReported, CheckResult, Outcome
from sidecar.core.stall import THAW, Stalled

POLLED = CheckParams("http", "http", rise=2, fall=2, max_age=4.0)
EVENTS = CheckParams("nginx", "process")
PASS = CheckResult(Outcome.PASS, "200")
FAIL = CheckResult(Outcome.FAIL, "503")
DEAD = CheckResult(Outcome.FAIL, "exited", decisive=True)
UNKNOWN = CheckResult(Outcome.UNKNOWN, "the Docker daemon is away")


def http(result: CheckResult) -> CheckReported:
    return CheckReported("http", result)


def told(reports: list[HealthReport]) -> list[HealthReport]:
    """The messages to the router."""
    return [report for report in reports if not isinstance(report, CheckFinished)]


def up(at: float = 0.0) -> Health:
    """Both checks have passed."""
    health = Health((POLLED, EVENTS), at)
    health.step([http(PASS), CheckReported("nginx", PASS)], at)
    return health


def test_each_result_is_counted_and_only_the_change_is_a_verdict() -> None:
    health = Health((POLLED,), 0.0)
    assert health.step([http(PASS)], 1.0) == [
        CheckFinished("http", "http", PASS),
        CheckVerdict("http", up=True, unknown=False, detail="200", since=1.0, reported_at=1.0),
    ]
    assert health.step([http(FAIL)], 2.0) == [CheckFinished("http", "http", FAIL)]
    assert health.step([http(FAIL)], 2.5) == [
        CheckFinished("http", "http", FAIL),
        CheckVerdict("http", up=False, unknown=False, detail="503", since=2.5, reported_at=2.5),
    ]


def test_a_fact_is_told_as_one() -> None:
    (verdict,) = told(up().step([CheckReported("nginx", DEAD)], 1.0))
    assert verdict == CheckVerdict("nginx", False, False, "exited", 1.0, 1.0, decisive=True)


def test_what_cannot_be_known_is_told_and_keeps_the_verdict() -> None:
    (verdict,) = told(up().step([http(UNKNOWN)], 1.0))
    assert verdict == CheckVerdict("http", True, True, UNKNOWN.detail, 0.0, 1.0)
    first = Health((POLLED,), 0.0)
    assert told(first.step([http(UNKNOWN)], 1.0)) == [
        CheckVerdict("http", None, True, UNKNOWN.detail, 0.0, 1.0)
    ]


def test_silence_of_a_probe_is_a_failure_after_max_age() -> None:
    health = up()
    assert health.deadline == 4.0
    assert told(health.step([], 3.9)) == []
    assert told(health.step([], 4.0)) == [CheckVerdict("http", False, False, "no result for 4.0 s", 4.0, 0.0)]
    # After that it needs `rise` passes, like any check that was down.
    health.step([http(PASS)], 5.0)
    assert not health.snapshot()[0].up
    health.step([http(PASS)], 6.0)
    assert health.snapshot()[0].up


def test_a_stall_of_the_observer_ages_nothing() -> None:
    health = up()
    health.step([Stalled(8.0)], 9.0)
    assert told(health.step([], 11.9 + THAW)) == []
    assert len(told(health.step([], 12.1 + THAW))) == 1


def test_a_confirmation_is_told_within_an_eighth_of_max_age() -> None:
    health = up()
    assert told(health.step([http(PASS)], 1.0)) == []
    assert health.deadline == 1.5
    assert told(health.step([http(PASS)], 1.2)) == []
    assert told(health.step([], 1.5)) == [ChecksFresh(((0, 1.2),))]
    assert health.deadline == 5.2


@pytest.mark.parametrize(("max_age", "within"), [(None, 1.0), (60.0, 1.0), (4.0, 0.5), (0.2, 0.1)])
def test_no_check_floods_the_router_and_none_waits_for_long(max_age: float | None, within: float) -> None:
    assert CheckParams("c", "tcp", max_age=max_age).told_within == within


def test_a_batch_takes_along_what_could_wait() -> None:
    health = up()
    health.step([CheckReported("nginx", PASS)], 0.5)
    health.step([http(PASS)], 0.6)
    assert told(health.step([], 1.1)) == [ChecksFresh(((0, 0.6), (1, 0.5)))]
    assert health.deadline == 4.6


def test_a_verdict_is_a_confirmation_too() -> None:
    health = up()
    health.step([http(PASS)], 1.0)
    health.step([http(DEAD)], 1.2)
    assert health.step([], 1.5) == []
    assert health.deadline == inf


@given(st.lists(st.tuples(st.integers(0, 39), st.floats(0.001, 0.2)), min_size=1, max_size=200))
def test_however_many_results_come_batches_are_few_and_no_confirmation_waits_too_long(
    runs: list[tuple[int, float]],
) -> None:
    checks = tuple(CheckParams(f"c{n}", "tcp", max_age=100.0 if n else 0.5) for n in range(40))
    health = Health(checks, 0.0)
    health.step([CheckReported(check.name, PASS) for check in checks], 0.0)
    now, waiting, batches = 0.0, dict[int, float](), 0
    for number, pause in runs:
        end = now + pause
        while now < end:
            now = min(health.deadline, end)
            results = [CheckReported(f"c{number}", PASS)] if now == end else []
            if results:
                waiting.setdefault(number, now)
            for report in told(health.step(results, now)):
                if isinstance(report, ChecksFresh):
                    batches += 1
                    assert {index for index, _ in report.reports} == waiting.keys()
                    waiting.clear()
                elif isinstance(report, CheckVerdict):
                    waiting.pop(int(report.check[1:]), None)
            assert all(now < since + checks[index].told_within for index, since in waiting.items())
    assert batches <= now / 0.1 + 1


def test_a_new_observer_goes_on_from_the_verdicts_of_the_router() -> None:
    known = CheckVerdict("http", True, False, "200", since=3.0, reported_at=7.0)
    health = Health((POLLED, EVENTS), 8.0, [known])
    assert health.snapshot()[0].since == 3.0
    # One failure is not `fall` of them, and the first confirmation is told at once.
    assert told(health.step([http(FAIL)], 8.5)) == [ChecksFresh(((0, 8.5),))]
    (verdict,) = told(health.step([http(FAIL)], 9.0))
    assert isinstance(verdict, CheckVerdict)
    assert not verdict.up
    # Of the other one nothing is known: its first result decides.
    (verdict,) = told(health.step([CheckReported("nginx", PASS)], 9.1))
    assert isinstance(verdict, CheckVerdict)
    assert verdict.up


def test_a_new_observer_whose_probes_say_nothing_ages_what_it_was_given() -> None:
    health = Health((POLLED,), 8.0, [CheckVerdict("http", True, False, "200", 3.0, 7.0)])
    assert health.deadline == 11.0


def test_a_detail_is_cut_where_a_character_ends() -> None:
    health = Health((POLLED,), 0.0)
    long = CheckResult(Outcome.FAIL, "ä" * 500)
    (verdict,) = told(health.step([http(long)], 1.0))
    assert isinstance(verdict, CheckVerdict)
    assert len(verdict.detail.encode()) <= DETAIL_SIZE
    assert set(verdict.detail) == {"ä", "…"}
    assert health.snapshot()[0].detail == long.detail


def test_an_exchange_keeps_verdicts_and_counts_of_checks_of_the_same_name_and_kind() -> None:
    health = up()
    health.step([http(FAIL)], 1.0)
    longer = CheckParams("http", "http", rise=2, fall=3, max_age=4.0)
    health.exchange((EVENTS, longer), 1.5)
    assert not [each for each in health.step([http(FAIL)], 2.0) if isinstance(each, CheckVerdict)]
    (verdict,) = told(health.step([http(FAIL)], 2.5))
    assert isinstance(verdict, CheckVerdict)
    assert (verdict.check, verdict.up) == ("http", False)


def test_times_of_results_are_told_in_the_order_of_the_new_checks() -> None:
    health = up()
    health.step([], 1.0)
    health.step([http(PASS)], 2.0)
    health.exchange((EVENTS, POLLED), 2.1)
    assert told(health.step([], 3.0)) == [ChecksFresh(((1, 2.0),))]


def test_a_check_of_another_kind_begins_anew_and_what_has_gone_is_not_heard() -> None:
    health = up()
    health.exchange((CheckParams("http", "tcp"),), 1.0)
    assert [(each.name, each.up) for each in health.snapshot()] == [("http", None)]
    assert health.step([CheckReported("nginx", DEAD)], 1.0) == []
    health.forget(("http",))
    assert health.step([http(FAIL)], 1.1) == []


def test_of_a_check_that_was_down_a_new_observer_says_nothing_before_it_is_up() -> None:
    known = CheckVerdict("http", False, False, "503", since=3.0, reported_at=7.0)
    health = Health((POLLED,), 8.0, [known])
    assert told(health.step([http(PASS)], 8.5)) == [ChecksFresh(((0, 8.5),))]
    (verdict,) = told(health.step([http(PASS)], 9.0))
    assert isinstance(verdict, CheckVerdict)
    assert verdict.up


def test_only_what_changes_a_verdict_is_told_as_decisive() -> None:
    health = up()
    health.step([CheckReported("nginx", DEAD)], 1.0)
    health.step([CheckReported("nginx", UNKNOWN)], 2.0)
    (verdict,) = told(health.step([CheckReported("nginx", DEAD)], 3.0))
    assert isinstance(verdict, CheckVerdict)
    assert (verdict.up, verdict.unknown, verdict.decisive) == (False, False, False)
