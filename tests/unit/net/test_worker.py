"""Threads for what the kernel keeps waiting, and the queue of commands before them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from sidecar.event_loop import EventLoop
from sidecar.net import command_queue, worker
from sidecar.net.command_queue import CommandQueue
from sidecar.net.task import OutOfTimeError, complete
from sidecar.net.worker import BusyError, Worker


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    with closing(EventLoop()) as loop:
        yield loop


@pytest.fixture
def thread(loop: EventLoop) -> Iterator[Worker]:
    worker = Worker("test", loop)
    yield worker
    worker.close(wait=True)


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "test"]


def test_work_is_done_in_a_thread_that_begins_with_it_and_ends(loop: EventLoop) -> None:
    worker = Worker("test", loop)
    assert threads() == []

    async def work() -> int:
        return await worker.run(threading.get_ident)

    assert complete(loop, work()) != threading.get_ident()
    assert threads() == ["test"]
    worker.close(wait=True)
    assert threads() == []


def test_what_the_work_raises_is_raised_where_it_is_waited_for(loop: EventLoop, thread: Worker) -> None:
    def refuse() -> None:
        raise PermissionError("planted")

    async def work() -> None:
        await thread.run(refuse)

    with pytest.raises(PermissionError, match="planted"):
        complete(loop, work())


def test_nobody_needs_to_wait_and_the_order_is_kept(loop: EventLoop, thread: Worker) -> None:
    done: list[str] = []

    def slow() -> None:
        time.sleep(0.1)
        done.append("slow")

    async def impatient() -> bool:
        try:
            await thread.run(slow)
        except OutOfTimeError:
            return False
        return True

    assert not complete(loop, impatient(), 0.01)
    assert done == []
    complete(loop, thread.settle())
    assert done == ["slow"]


def test_settling_what_is_settled_takes_no_thread(loop: EventLoop) -> None:
    complete(loop, Worker("test", loop).settle())
    assert threads() == []


def test_more_work_than_may_wait_is_refused(
    loop: EventLoop, thread: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MOST", 3)
    go = threading.Event()
    for _ in range(3):
        thread.submit(go.wait)

    async def work() -> None:
        await thread.run(go.is_set)

    with pytest.raises(BusyError, match="3 requests"):
        complete(loop, work())
    go.set()
    complete(loop, thread.settle())
    complete(loop, work())


def answered(loop: EventLoop, thread: Worker, unhurried: Callable[[int], bool]) -> tuple[list[int], float]:
    """Have work done; return its result, and how long a turn of at most 0.2 s meanwhile took."""
    results: list[int] = []
    done = threading.Event()
    thread.run(lambda: 7, unhurried).begin(lambda value, _: results.append(value))
    began = time.monotonic()
    loop.turn(loop.clock() + 0.2)
    took = time.monotonic() - began
    thread.submit(done.set)
    done.wait(5)
    loop.turn(loop.clock())
    return results, took


def test_an_unhurried_result_wakes_nobody_and_comes_with_the_next_turn(
    loop: EventLoop, thread: Worker
) -> None:
    results, took = answered(loop, thread, lambda value: value == 7)
    assert results == [7]
    assert took >= 0.2


def test_a_result_that_is_waited_for_meanwhile_wakes_the_loop(loop: EventLoop, thread: Worker) -> None:
    asked: list[int] = []

    def unhurried(value: int) -> bool:
        asked.append(value)
        return len(asked) == 1

    results: list[int] = []
    thread.run(lambda: 7, unhurried).begin(lambda value, _: results.append(value))
    ends = loop.clock() + 20
    while not results and loop.clock() < ends:
        loop.turn(ends)
    assert results == [7]
    assert loop.clock() < ends
    assert asked == [7, 7]


def test_of_work_that_nobody_waits_for_a_refusal_is_nothing_and_a_bug_is_raised(
    loop: EventLoop, thread: Worker
) -> None:
    def refuse() -> None:
        raise OSError("refused")

    def break_down() -> None:
        raise ValueError("planted")

    thread.submit(refuse)
    complete(loop, thread.settle())
    thread.submit(break_down)
    with pytest.raises(ValueError, match="planted"):
        complete(loop, thread.settle())


def turn_until(loop: EventLoop, said: list[str], number: int) -> None:
    ends = loop.clock() + 5
    while len(said) < number:
        assert loop.clock() < ends
        loop.turn(ends)


def test_commands_are_carried_out_one_after_the_other(loop: EventLoop, thread: Worker) -> None:
    said: list[str] = []
    commands = CommandQueue(loop, lambda: None)

    async def command(name: str) -> None:
        said.append(f"{name} begins")
        await thread.run(lambda: time.sleep(0.01))
        said.append(f"{name} ends")

    commands.put(lambda: command("one"))
    commands.put(lambda: command("two"))
    turn_until(loop, said, 4)
    assert said == ["one begins", "one ends", "two begins", "two ends"]
    commands.check()


def test_each_command_has_a_time_from_its_turn_on(
    loop: EventLoop, thread: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for longer than that, and is answered in its own time."""
    monkeypatch.setattr(command_queue, "TIMEOUT", 0.1)
    said: list[str] = []
    commands = CommandQueue(loop, lambda: None)

    async def command(name: str, seconds: float) -> None:
        try:
            await thread.run(lambda: time.sleep(seconds))
        except OutOfTimeError:
            said.append(f"{name} is out of time")
        else:
            said.append(f"{name} is done")

    commands.put(lambda: command("one", 0.15))
    commands.put(lambda: command("two", 0.0))
    turn_until(loop, said, 2)
    assert said == ["one is out of time", "two is done"]


def test_after_the_error_of_a_command_nothing_is_carried_out_and_it_is_told(loop: EventLoop) -> None:
    woken: list[int] = []
    commands = CommandQueue(loop, lambda: woken.append(1))

    async def broken() -> None:
        raise ValueError("planted")

    async def never() -> None:
        pytest.fail("carried out")

    commands.put(broken)
    commands.put(never)
    loop.turn(loop.clock() + 0.05)
    assert woken == [1]
    with pytest.raises(ValueError, match="planted"):
        commands.check()


def test_too_many_commands_are_refused(
    loop: EventLoop, thread: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_queue, "MOST", 2)
    commands = CommandQueue(loop, lambda: None)

    async def command() -> None:
        await thread.run(lambda: time.sleep(0.05))

    for _ in range(2):
        commands.put(command)
    with pytest.raises(BusyError, match="2 commands"):
        commands.put(command)
    loop.turn(loop.clock())
    commands.put(command)  # the first one has its turn
    commands.end()
