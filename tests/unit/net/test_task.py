"""Coroutines under the router's own loop."""

from collections.abc import Coroutine, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pytest

from sidecar.event_loop import EventLoop
from sidecar.net.task import OutOfTimeError, Resume, Task, Wait, complete, complete_all, next_turn


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    with closing(EventLoop()) as loop:
        yield loop


class Bell:
    """Something to wait for that rings when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Resume] = []

    def wait(self) -> Wait[str]:
        return Wait(self.waiting.append)

    def ring(self, value: str = "", error: BaseException | None = None) -> None:
        waiting, self.waiting = self.waiting, []
        for resume in waiting:
            resume(value, error)


async def listen(bell: Bell) -> str:
    return await bell.wait() + await bell.wait()


def test_a_task_goes_on_with_what_it_has_waited_for() -> None:
    bell, ended = Bell(), list[Task[str]]()
    task = Task(listen(bell), ended.append)
    task.start()
    bell.ring("ding")
    assert not task.done
    bell.ring("dong")
    assert task.done
    assert ended == [task]
    assert task.result() == "dingdong"


def test_an_error_is_raised_where_it_is_waited_for_and_out_of_the_result() -> None:
    async def patient() -> str:
        with suppress(OSError):
            await bell.wait()
        return await bell.wait()

    bell = Bell()
    task = Task(patient(), lambda _: None)
    task.start()
    bell.ring(error=OSError("handled"))
    bell.ring(error=ValueError("planted"))
    assert task.done
    with pytest.raises(ValueError, match="planted"):
        task.result()


def test_after_giving_up_what_was_waited_for_comes_in_vain() -> None:
    async def impatient() -> str:
        try:
            await bell.wait()
        except OutOfTimeError:
            return "gave up, " + await bell.wait()
        return "had it"

    bell = Bell()
    task = Task(impatient(), lambda _: None)
    task.start()
    (late,) = bell.waiting
    bell.waiting.clear()
    task.give_up()
    late("too late", None)
    assert not task.done
    bell.ring("went on")
    assert task.result() == "gave up, went on"


def test_an_abandoned_task_tells_nobody() -> None:
    bell = Bell()
    task = Task(listen(bell), lambda _: pytest.fail("told"))
    task.start()
    task.abandon()
    bell.ring("ding")
    assert task.done


def test_to_complete_is_to_turn_the_loop_until_it_ended(loop: EventLoop) -> None:
    async def slow() -> int:
        for _ in range(3):
            await next_turn(loop)
        return 3

    assert complete(loop, slow()) == 3


def test_to_complete_has_a_time(loop: EventLoop) -> None:
    async def endless() -> str:
        try:
            await Bell().wait()
        except OutOfTimeError:
            return "out of time"
        return "rang"

    begun = loop.clock()
    assert complete(loop, endless(), 0.05) == "out of time"
    assert loop.clock() - begun >= 0.05


def test_others_are_served_meanwhile(loop: EventLoop) -> None:
    bell = Bell()
    loop.call_later(0.01, partial(bell.ring, "x"))
    loop.call_later(0.02, partial(bell.ring, "y"))
    assert complete(loop, listen(bell)) == "xy"


def test_several_are_completed_side_by_side_and_in_their_order(loop: EventLoop) -> None:
    first, second = Bell(), Bell()
    loop.call_later(0.01, partial(second.ring, "c"))
    loop.call_later(0.02, partial(second.ring, "d"))
    loop.call_later(0.03, partial(first.ring, "a"))
    loop.call_later(0.04, partial(first.ring, "b"))
    assert complete_all(loop, [listen(first), listen(second)], 5.0) == ["ab", "cd"]
    assert complete_all(loop, list[Coroutine[Any, Any, str]]()) == []


def test_of_several_only_those_run_out_of_time_that_have_not_ended(loop: EventLoop) -> None:
    async def patient(bell: Bell) -> str:
        try:
            return await bell.wait()
        except OutOfTimeError:
            return "out of time"

    rung, silent = Bell(), Bell()
    loop.call_soon(partial(rung.ring, "rang"))
    assert complete_all(loop, [patient(silent), patient(rung)], 0.05) == ["out of time", "rang"]
