"""Tables of the comparison: figures, ratios, targets, and what is shown of failures."""

import math

import pytest

from bench.contest.cells import cells, older
from bench.contest.contenders import KEEPALIVED, PAIR
from bench.contest.row import Target
from bench.contest.table import aim, figure, ratio, spread, tables
from bench.statistics import Measure, Row, summarise
from tests.unit.bench.sample_rows import NOW, OLD, failed, row, runs


def summary(*samples: float, unit: str = "s") -> Row:
    return summarise(Measure("gap", unit=unit), samples)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0123, "s", "12.3 ms"),
        (0.00234, "s", "2.34 ms"),
        (0.5, "s", "500 ms"),
        (2.5, "s", "2.50 s"),
        (math.inf, "s", "not while we looked"),
        (3.9, "CPU s/h", "3.90 CPU s/h"),
        (240.0, "", "240"),
        (0.0, "s", "0 ms"),
    ],
)
def test_a_figure_has_three_digits_and_its_unit(value: float, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown


def test_a_spread_is_median_and_range_and_one_value_is_itself() -> None:
    assert spread(summary(0.01, 0.02, 0.04)) == "**20 ms** (10 ms - 40 ms)"
    assert spread(summary(0.0, 0.0)) == "0 ms"


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        (summary(0.02), summary(0.08), "0.25"),
        (summary(0.0), summary(0.08), "0"),
        (summary(0.02), summary(0.0), ""),
        (summary(0.02), summary(math.inf), ""),
        (None, summary(0.1), ""),
        (summary(0.1), None, ""),
    ],
)
def test_there_is_a_ratio_only_of_two_medians_that_have_one(
    ours: Row | None, theirs: Row | None, shown: str
) -> None:
    assert ratio(ours, theirs) == shown


@pytest.mark.parametrize(
    ("target", "ours", "theirs", "met"),
    [
        (Target(most=0.02), summary(0.01, 0.02, 0.09), None, True),
        (Target(most=0.02, every=True), summary(0.01, 0.02, 0.09), None, False),
        (Target(beyond=0.003), summary(0.068), summary(0.066), True),
        (Target(beyond=0.003), summary(0.070), summary(0.066), False),
        (Target(most=0.02, share=1 / 3), summary(0.018), summary(0.066), True),
        (Target(most=0.02, share=1 / 3), summary(0.018), summary(0.050), False),
        (Target(share=1 / 3), summary(0.018), None, None),
    ],
)
def test_a_target_is_met_by_the_median_or_by_every_run(
    target: Target, ours: Row, theirs: Row | None, met: bool | None
) -> None:
    assert target.met(ours, theirs) is met


def test_a_target_is_said_in_words() -> None:
    assert aim(Target(most=0.02, share=1 / 3), "s") == "≤ 20 ms and ≤ 1/3 of keepalived"
    assert aim(Target(beyond=0.003), "s") == "≤ keepalived + 3 ms"
    assert aim(Target(most=0, every=True), "") == "every ≤ 0"


def test_both_contenders_stand_side_by_side_with_ratio_and_verdict() -> None:
    found = cells(runs(PAIR, [0.01, 0.02, 0.03]) + runs(KEEPALIVED, [0.08]), NOW)
    line = tables([row()], found).splitlines()[-1]
    assert line == (
        "| nginx killed, A = 1 s: longest gap | **20 ms** (10 ms - 30 ms), n = 3 |  | 80 ms, n = 1 | 0.25 "
        "| ≤ 20 ms and ≤ 1/3 of keepalived: met |"
    )


def test_a_failure_is_a_value_of_the_table() -> None:
    error = "TimeoutError: host a has 24 of 240 VIPs | after 30 s"
    line = tables([row()], cells([failed(PAIR, error)], NOW)).splitlines()[-1]
    assert "**failed**: TimeoutError: host a has 24 of 240 VIPs / after 30 s |" in line
    assert "| not measured |" in line
    assert line.endswith(": not measured |")
    line = tables([row()], cells([*runs(PAIR, [0.01]), failed(PAIR, error)], NOW)).splitlines()[-1]
    assert "10 ms, n = 1, 1 failed" in line


def test_runs_of_another_core_are_never_mixed_in_and_are_named() -> None:
    both = [*runs(PAIR, [0.5], about=OLD), *runs(PAIR, [0.01])]
    found = cells([*both, *runs(KEEPALIVED, [0.7], about=OLD)], NOW)
    assert [run.values["gap"] for run in found[row().key, PAIR.key].runs] == [0.01]
    assert older([row()], found, NOW) == {row().key: OLD}
