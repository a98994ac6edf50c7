"""Which rows a person has asked for."""

import pytest

from bench.contest.contenders import KEEPALIVED, PAIR
from bench.contest.row import chosen
from bench.contest.rows import ROWS
from tests.unit.bench.sample_rows import row


def test_all_rows_without_a_pattern_and_those_that_match_one() -> None:
    rows = [row("stop-1s"), row("stop-100ms"), row("start")]
    assert chosen(rows, []) == rows
    assert [each.key for each in chosen(rows, ["stop-*", "start"])] == ["stop-1s", "stop-100ms", "start"]


def test_a_pattern_that_matches_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no row is called stopp"):
        chosen([row("stop-1s")], ["stop-*", "stopp"])


def test_rows_with_a_target_have_twenty_runs_and_the_others_eight() -> None:
    for each in ROWS:
        promised = any(measured.targets for measured in each.measures)
        least = 20 if promised and each.key != "soak-240" else 8
        assert each.runs_of(PAIR) >= least, each.key
    assert {each.key for each in ROWS if KEEPALIVED not in each.contenders} == set()
