"""A loop in a thread: it ends when told to, says why it ended by itself, and holds up nobody."""

import asyncio
import time
from threading import Event

from sidecar.loop_thread import LoopThread, cause


def test_stop_cancels_the_work_and_waits_for_its_end() -> None:
    begun, ended = Event(), list[str]()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    thread = LoopThread("test", work, ended.append)
    thread.start()
    assert begun.wait(5)
    thread.stop(5)
    thread.stop(5)
    assert ended == ["cancelled"], "and a stop that was asked for is no trouble"


def test_what_the_work_raises_is_told_once_even_from_a_group_of_tasks() -> None:
    told, ended = list[str](), Event()

    def tell(why: str) -> None:
        told.append(why)
        ended.set()

    async def fail() -> None:
        raise ValueError("no such thing")

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    thread = LoopThread("test", work, tell)
    thread.start()
    assert ended.wait(5)
    thread.stop(5)
    assert told == ["ValueError: no such thing"]


def test_stop_before_start_and_stop_at_once_leave_nothing_running() -> None:
    ran = list[str]()

    async def work() -> None:
        ran.append("work")

    thread = LoopThread("test", work, ran.append)
    thread.stop(1)
    thread.start()
    thread.stop(5)
    assert ran == []


def test_work_that_does_not_end_costs_the_timeout_and_no_more() -> None:
    begun, release = Event(), Event()

    async def work() -> None:
        begun.set()
        release.wait(10)

    thread = LoopThread("test", work, lambda _: None)
    thread.start()
    assert begun.wait(5)
    since = time.monotonic()
    thread.stop(0.1)
    assert 0.1 <= time.monotonic() - since < 5
    release.set()
    thread.stop(5)


def test_the_first_cause_is_named() -> None:
    inner = ExceptionGroup("two", [OSError("first"), ValueError("second")])
    assert cause(ExceptionGroup("outer", [inner])) == "OSError: first"
