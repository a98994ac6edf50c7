"""The verdict of an event-driven check after a fault, and its time."""

import time
from dataclasses import replace
from itertools import groupby

from sidecar.core.health.check_state import CheckState
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult, Outcome
from tests.unit.checks.fault_table import NEVER, PASS
from tests.unit.checks.stage import Collector, Seen

CALM = 0.5
"""Seconds without news after which everything has been said."""


def aftermath(seen: Collector, mark: int, since: float, *, calm: float = CALM) -> CheckResult:
    """Return the result that changed the verdict, or said that nobody can tell.

    Looked at are the results after the first `mark`; the fault was at `since`. `seconds` is the time
    between the two, the detail is all that was said until there was no news for `calm` seconds.
    """
    seen.wait(lambda: _turn(seen, mark) is not None)
    turn = _turn(seen, mark)
    assert turn is not None
    return replace(turn.result, detail=_all_said(seen, mark, calm), seconds=turn.at - since)


def remark(seen: Collector, mark: int, since: float) -> CheckResult:
    """Return the next result, of a check that is expected to say something and to change no verdict."""
    seen.wait(lambda: len(seen.results) > mark)
    first = seen.results[mark]
    detail = _all_said(seen, mark, CALM)
    assert _turn(seen, mark) is None, detail
    return replace(first.result, detail=detail, seconds=first.at - since)


def _all_said(seen: Collector, mark: int, calm: float) -> str:
    while time.monotonic() < seen.results[-1].at + calm:
        time.sleep(0.02)
    return "; then: ".join(
        detail for detail, _ in groupby(each.result.detail for each in seen.results[mark:])
    )


def _turn(seen: Collector, mark: int) -> Seen | None:
    state = CheckState(CheckParams("check", "kind"), since=0.0)
    for number, each in enumerate(list(seen.results)):
        before, state = state.up, state.after(each.result, each.at)
        if number >= mark and (state.up is not before or each.result.outcome is Outcome.UNKNOWN):
            return each
    return None


def no_news(seen: Collector, mark: int, seconds: float = 1.0) -> CheckResult:
    """Return what the check said last. It passed, and says nothing more for some time: it sees no fault."""
    time.sleep(seconds)
    assert len(seen.results) == mark, seen.results[mark:]
    last = seen.results[-1].result
    assert last.outcome is PASS
    return replace(last, seconds=NEVER)
