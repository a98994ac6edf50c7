"""From verdicts to a priority: required checks, weights, and what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.health.effective_priority import EffectivePriority, judge
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.health.verdicts import CheckBelief, Verdicts
from sidecar.core.priorities import UNFIT_PRIORITY
from tests.unit.core.health.test_check_state import DEAD, FAIL, PASS, UNKNOWN
from tests.unit.core.stage import believed


def after(*results: CheckResult, weight: int | None = None) -> CheckBelief:
    return believed(CheckParams("c", "http", rise=2, fall=3, weight=weight), *results)


def test_a_check_that_never_reports_is_never_trusted() -> None:
    believed = Verdicts((CheckParams("c", "http", max_age=2.0),), 10.0, 0.0)
    believed.age(1e9)
    assert judge(100, believed.of("c")) == EffectivePriority(1, False, ("check c has no result yet",))


@pytest.mark.parametrize(
    ("configured", "checks", "priority", "fit"),
    [
        (100, [], 100, True),
        (1, [], 1, True),
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
def test_fitness(configured: int, checks: list[CheckBelief], priority: int, fit: bool) -> None:
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
