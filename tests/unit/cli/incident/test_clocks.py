"""The offset of two clocks is within its bound, however unequal the ways of question and answer are."""

import random

import pytest

from sidecar.cli.incident.clocks import Reading, by_resignation, by_round_trip
from tests.unit.cli.incident.told import BEGAN, move, told


def reading(draw: random.Random, at: float, ahead: float) -> Reading:
    there, back = draw.uniform(0, 0.01), draw.uniform(0, 0.01)
    return Reading(at, at + there + back, BEGAN + at + there + ahead)


def test_by_round_trip_the_true_offset_is_within_the_bound() -> None:
    draw = random.Random(12)  # noqa: S311 - no secret
    for _ in range(2000):
        true = draw.uniform(-4000, 4000)
        ours, theirs = reading(draw, 10.0, 0.3), reading(draw, 11.0, 0.3 + true)
        found = by_round_trip(ours, theirs)
        assert abs(found.seconds - true) <= found.within + 1e-6
        assert found.within <= 0.02


@pytest.mark.parametrize("ahead", [3.0, -3.0, 0.0])
def test_by_a_resignation_that_one_sent_and_the_other_heard(ahead: float) -> None:
    left = move(100.0, "MASTER", "BACKUP", "health")
    taken = move(100.065, "BACKUP", "MASTER", "priority_zero", took_ms=63.0)
    for ours, theirs in ((left, taken), (taken, left)):
        found = by_resignation(told("a", ours).records, told("b", theirs, ahead=ahead).records)
        assert found is not None
        assert abs(found.seconds - ahead) <= found.within


def test_without_a_resignation_that_both_know_nothing_is_known() -> None:
    left = told("a", move(100.0, "MASTER", "BACKUP", "health")).records
    silent = told("b", move(103.0, "BACKUP", "MASTER", "master_down_timer", took_ms=3000.0)).records
    later = told("b", move(900.0, "BACKUP", "MASTER", "priority_zero", took_ms=60.0)).records
    for theirs in (silent, later, ()):
        assert by_resignation(left, theirs) is None


def test_a_resignation_of_one_router_is_none_of_another() -> None:
    left = told("a", move(100.0, "MASTER", "BACKUP", "health")).records
    other = move(100.065, "BACKUP", "MASTER", "priority_zero", took_ms=63.0) | {"router": "other"}
    assert by_resignation(left, told("b", other).records) is None
