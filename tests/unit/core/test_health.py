"""One check: rise and fall, facts, silence and ignorance."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.events import CheckResult, Measured, Outcome
from sidecar.core.fitness import Fitness, judge
from sidecar.core.health import CheckState
from sidecar.core.params import UNFIT_PRIORITY, CheckParams

PASS = CheckResult(Outcome.PASS, "fine")
FAIL = CheckResult(Outcome.FAIL, "503")
DEAD = CheckResult(Outcome.FAIL, "dead", decisive=True)
UNKNOWN = CheckResult(Outcome.UNKNOWN, "nobody knows")


def after(*results: CheckResult, weight: int | None = None, max_age: float | None = None) -> CheckState:
    state = CheckState(CheckParams("c", "http", rise=2, fall=3, weight=weight, max_age=max_age), since=0.0)
    for at, result in enumerate(results, 1):
        state = state.after(result, float(at))
    return state


@pytest.mark.parametrize(
    ("results", "up"),
    [
        ((), None),
        ((PASS,), True),
        ((FAIL,), False),
        ((UNKNOWN,), None),
        ((PASS, FAIL, FAIL), True),
        ((PASS, FAIL, FAIL, FAIL), False),
        ((PASS, FAIL, FAIL, PASS, FAIL, FAIL), True),
        ((PASS, FAIL, FAIL, UNKNOWN, FAIL), False),
        ((PASS, DEAD), False),
        ((FAIL, PASS), False),
        ((FAIL, PASS, PASS), True),
        ((FAIL, PASS, FAIL, PASS), False),
    ],
)
def test_rise_and_fall(results: tuple[CheckResult, ...], up: bool | None) -> None:
    assert after(*results).up is up


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.ERROR])
def test_what_is_not_a_pass_is_a_failure(outcome: Outcome) -> None:
    assert after(CheckResult(outcome, "")).up is False


def test_silence_is_failure_after_max_age() -> None:
    state = after(PASS, max_age=2.0)
    assert state.stale_at == 3.0
    assert state.aged(2.9).up is True
    assert state.aged(3.0).up is False
    assert state.aged(3.0).stale_at == inf


def test_a_check_that_never_reports_is_never_trusted() -> None:
    assert judge(100, [after(max_age=2.0).aged(1e9)]) == Fitness(1, False, ("check c has no result yet",))


@pytest.mark.parametrize(
    ("configured", "checks", "priority", "fit"),
    [
        (100, [], 100, True),
        (100, [after(PASS)], 100, True),
        (100, [after(FAIL)], 1, False),
        (100, [after()], 1, False),
        (100, [after(UNKNOWN)], 1, False),
        (100, [after(UNKNOWN, PASS)], 100, True),
        (100, [after(PASS, UNKNOWN)], 100, True),
        (100, [after(FAIL, UNKNOWN)], 1, False),
        (100, [after(weight=-20)], 80, True),
        (100, [after(UNKNOWN, weight=-20)], 80, True),
        (100, [after(PASS, UNKNOWN, weight=-20)], 100, True),
        (100, [after(weight=20)], 100, True),
        (100, [after(UNKNOWN, weight=20)], 100, True),
        (100, [after(PASS, UNKNOWN, weight=20)], 120, True),
        (100, [after(FAIL, weight=-20)], 80, True),
        (100, [after(PASS, weight=-20)], 100, True),
        (100, [after(PASS, weight=20)], 120, True),
        (100, [after(FAIL, weight=20)], 100, True),
        (100, [after(FAIL, weight=-253)], 2, True),
        (100, [after(PASS, weight=253)], 254, True),
        (100, [after(FAIL, weight=-20), after(FAIL)], 1, False),
        (255, [after(FAIL, weight=-20)], 255, True),
        (255, [after(FAIL)], 1, False),
    ],
)
def test_fitness(configured: int, checks: list[CheckState], priority: int, fit: bool) -> None:
    judged = judge(configured, checks)
    assert (judged.priority, judged.fit) == (priority, fit)


@given(
    st.integers(1, 255),
    st.sampled_from([None, -253, -1, 1, 253]),
    st.lists(st.sampled_from(list(Outcome)), max_size=8),
)
def test_what_is_not_known_to_be_well_counts_as_down(
    configured: int, weight: int | None, outcomes: list[Outcome]
) -> None:
    """Until a check has passed once, whatever it says is worth as much as a failure."""
    seen = [each for each in outcomes if each is not Outcome.PASS]
    unproven = judge(configured, [after(*(CheckResult(each, "") for each in seen), weight=weight)])
    down = judge(configured, [after(DEAD, weight=weight)])
    assert (unproven.priority, unproven.fit) == (down.priority, down.fit)


def test_an_unknown_check_says_why_it_has_no_result() -> None:
    assert judge(100, [after(UNKNOWN)]).reasons == ("check c has no result yet: nobody knows",)


@given(st.integers(1, 255), st.lists(st.integers(-253, 253), max_size=6), st.lists(st.booleans(), max_size=6))
def test_no_weights_win_against_a_required_check(
    configured: int, weights: list[int], ups: list[bool]
) -> None:
    weighted = [after(PASS if up else FAIL, weight=weight) for weight, up in zip(weights, ups, strict=False)]
    sick = judge(configured, [*weighted, after(FAIL)])
    assert (sick.priority, sick.fit) == (UNFIT_PRIORITY, False)
    well = judge(configured, [*weighted, after(PASS)])
    assert well.fit
    assert well.priority > UNFIT_PRIORITY or configured == UNFIT_PRIORITY


def test_the_end_of_a_certificate_is_kept_until_another_is_shown() -> None:
    shown = CheckResult(Outcome.PASS, "fine", measured=Measured(certificate_expires=1.8e9))
    renewed = CheckResult(Outcome.PASS, "fine", measured=Measured(certificate_expires=1.9e9))
    assert after(PASS).certificate_expires is None
    assert after(shown, FAIL, UNKNOWN).certificate_expires == 1.8e9
    assert after(shown, FAIL, renewed).certificate_expires == 1.9e9
