"""One check: rise and fall, facts, silence and ignorance."""

from math import inf

import pytest

from sidecar.core.health.check_state import CheckState
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult, Measured, Outcome

PASS = CheckResult(Outcome.PASS, "fine")
FAIL = CheckResult(Outcome.FAIL, "503")
DEAD = CheckResult(Outcome.FAIL, "dead", decisive=True)
UNKNOWN = CheckResult(Outcome.UNKNOWN, "nobody knows")


def after(*results: CheckResult, max_age: float | None = None) -> CheckState:
    state = CheckState(CheckParams("c", "http", rise=2, fall=3, max_age=max_age), since=0.0)
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


def test_the_end_of_a_certificate_is_kept_until_another_is_shown() -> None:
    shown = CheckResult(Outcome.PASS, "fine", measured=Measured(certificate_expires=1.8e9))
    renewed = CheckResult(Outcome.PASS, "fine", measured=Measured(certificate_expires=1.9e9))
    assert after(PASS).certificate_expires is None
    assert after(shown, FAIL, UNKNOWN).certificate_expires == 1.8e9
    assert after(shown, FAIL, renewed).certificate_expires == 1.9e9


def test_after_silence_a_series_begins_anew() -> None:
    silent = after(PASS, FAIL, max_age=2.0).aged(9.0)
    assert silent.up is False
    assert silent.after(PASS, 9.5).up is False
    assert silent.after(PASS, 9.5).after(PASS, 9.6).up is True
