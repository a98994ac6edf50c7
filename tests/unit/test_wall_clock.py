"""Moments as Unix seconds: in their order, and right after somebody has set the clock."""

import time

import pytest

from sidecar.clock import clock
from sidecar.wall_clock import UnixTime, WallClock


def test_a_moment_is_the_same_whenever_it_is_asked_for() -> None:
    unix, moment = UnixTime(), clock()
    assert len({unix.of(moment) for _ in range(10_000)}) == 1


def test_waiting_for_a_processor_between_two_readings_sets_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    unix, wall, moment = UnixTime(), WallClock(), clock()
    assert len(wall.steps()) == 1
    before, real = unix.of(moment), time.time

    def read_late() -> float:
        time.sleep(0.2)
        return real()

    monkeypatch.setattr(time, "time", read_late)
    assert (unix.of(moment), wall.steps()) == (before, [])


def test_a_moment_is_told_by_the_clock_that_people_set(monkeypatch: pytest.MonkeyPatch) -> None:
    unix, moment = UnixTime(), clock()
    before = unix.of(moment)
    assert before == pytest.approx(time.time(), abs=1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    assert unix.of(moment) - before == pytest.approx(3600, abs=0.1)
