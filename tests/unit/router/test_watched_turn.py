"""A wait that was wanted is no stall, whatever lasts longer is one."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from sidecar.event_loop import EventLoop
from sidecar.router.watched_turn import BUSY, WatchedTurn
from sidecar.stall import SLACK


class Desk:
    """A loop with a clock that is set by hand, and moves in the next turn."""

    def __init__(self, loop: EventLoop) -> None:
        self.now = 100.0
        loop.clock = lambda: self.now
        self.loop = loop
        self.turn = WatchedTurn(loop)

    def waits(self, planned: float, lasts: float) -> float:
        """Take a turn that is to wait so many seconds and waits so many; return those of a stall."""

        def pass_time() -> None:
            self.now += lasts

        self.loop.call_soon(pass_time)
        self.turn(self.now + planned)
        return self.turn.stalled()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with closing(EventLoop()) as loop:
        yield Desk(loop)


@pytest.mark.parametrize("planned", [0.001, 0.5, 1.0, 40.0])
def test_a_wait_as_long_as_wanted_is_no_stall(desk: Desk, planned: float) -> None:
    for _ in range(3):
        assert desk.waits(planned, planned + 0.9 * SLACK) == 0.0


@pytest.mark.parametrize("planned", [0.001, 0.5, 1.0, 40.0])
def test_a_longer_one_is_a_stall(desk: Desk, planned: float) -> None:
    lasts = max(planned, BUSY) + 1.1 * SLACK
    assert desk.waits(planned, lasts) == pytest.approx(lasts)
    assert desk.waits(planned, planned) == 0.0


def test_a_timer_of_the_loop_ends_the_wait_that_was_wanted(desk: Desk) -> None:
    desk.loop.call_at(desk.now + 0.6, lambda: None)
    assert desk.waits(40.0, 0.6 + 1.1 * SLACK) > 0.6


def test_work_between_two_turns_that_lasts_too_long_is_a_stall(desk: Desk) -> None:
    desk.waits(40.0, 40.0)
    desk.now += BUSY + 1.1 * SLACK
    assert desk.waits(1.0, 1.0) == pytest.approx(BUSY + 1.1 * SLACK)
