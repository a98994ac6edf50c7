"""Commands one after the other or side by side, and no call of the loop where none follows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from math import inf

import pytest

from sidecar.core.router.lease import ANSWER_TIMEOUT
from sidecar.event_loop import EventLoop
from sidecar.net import command_queue
from sidecar.net.command_queue import TOGETHER, VIPS_TOGETHER, CommandQueue
from sidecar.net.task import OutOfTimeError, Resume, Wait, complete
from sidecar.net.worker import Worker


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    with closing(EventLoop()) as loop:
        yield loop


@pytest.fixture
def go() -> threading.Event:
    """What the thread of a test waits for."""
    return threading.Event()


@pytest.fixture
def thread(loop: EventLoop, go: threading.Event) -> Iterator[Worker]:
    worker = Worker("test", loop)
    yield worker
    go.set()
    worker.close(wait=True)


@pytest.mark.parametrize("commands", [1, 2, 5])
def test_each_command_that_follows_is_one_call_more(commands: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal is alone: it is begun by one call, and its end calls nothing."""
    with closing(EventLoop()) as loop:
        queue, done, calls, answers = CommandQueue(loop, lambda: None), list[int](), list[str](), list[str]()
        call_soon = loop.call_soon

        def counted(callback: Callable[[], None]) -> None:
            calls.append(getattr(callback, "__name__", "answer"))
            call_soon(callback)

        monkeypatch.setattr(loop, "call_soon", counted)

        async def command(number: int) -> None:
            answers.append(await Wait(lambda resume: call_soon(lambda: resume("answered", None))))
            done.append(number)

        async def first() -> None:
            await command(0)

        queue.put(first)
        for number in range(1, commands):
            queue.put(lambda number=number: command(number))  # type: ignore[misc]
        while len(done) < commands:
            loop.turn(-1.0)
        assert done == list(range(commands))
        before = len(calls)
        for _ in range(3):
            loop.turn(-1.0)
        assert len(calls) == before == commands


def test_those_for_one_router_keep_their_order_and_others_go_beside_them() -> None:
    with closing(EventLoop()) as loop:
        queue, said, ways_on = CommandQueue(loop, lambda: None), list[str](), dict[str, Resume]()

        async def command(name: str) -> None:
            said.append(f"{name} begins")
            await Wait(lambda resume: ways_on.update({name: resume}))
            said.append(f"{name} ends")

        for name, router in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("alone", None), ("b2", "b")):
            queue.put(partial(command, name), router)
        loop.turn(-1.0)
        assert said == ["a1 begins", "b1 begins"]
        ways_on.pop("a1")(None, None)
        loop.turn(-1.0)
        assert said[2:] == ["a1 ends", "a2 begins"]
        assert queue.waiting
        for name in ("a2", "b1"):
            ways_on.pop(name)(None, None)
            loop.turn(-1.0)
        assert said[4:] == ["a2 ends", "b1 ends", "alone begins"]
        ways_on.pop("alone")(None, None)
        loop.turn(-1.0)
        assert said[7:] == ["alone ends", "b2 begins"]
        assert not queue.waiting


def test_of_many_commands_a_slice_is_begun_in_each_turn() -> None:
    with closing(EventLoop()) as loop:
        queue, begun = CommandQueue(loop, lambda: None), list[int]()

        async def command(number: int) -> None:
            begun.append(number)

        for number in range(2 * TOGETHER + 1):
            queue.put(partial(command, number), f"r{number}")
        for turn in (1, 2):
            loop.turn(-1.0)
            assert len(begun) == turn * TOGETHER
        loop.turn(-1.0)
        assert begun == list(range(2 * TOGETHER + 1))


def test_a_slice_is_counted_in_vips_too() -> None:
    """To look 254 VIPs up takes the loop some milliseconds, and adverts are due meanwhile."""
    with closing(EventLoop()) as loop:
        queue, begun = CommandQueue(loop, lambda: None), list[int]()

        async def command(vips: int) -> None:
            begun.append(vips)

        for number, vips in enumerate((254, 254, 254, 4 * VIPS_TOGETHER, VIPS_TOGETHER, 1, 1)):
            queue.put(partial(command, vips), f"r{number}", vips)
        slices = []
        for _ in range(5):
            loop.turn(-1.0)
            slices.append(begun.copy())
            begun.clear()
        assert slices == [[254, 254], [254], [4 * VIPS_TOGETHER], [VIPS_TOGETHER], [1, 1]]


def test_a_command_has_a_turn_also_where_the_one_before_it_has_waked_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(EventLoop()) as loop:
        queue, said, ways_on = CommandQueue(loop, lambda: None), list[str](), list[Resume]()

        async def renewal() -> None:
            await Wait(ways_on.append)
            said.append("renewed")

        async def removal() -> None:
            said.append("removed")

        queue.put(renewal, "a")
        loop.turn(-1.0)
        # The answer is there, and whoever gave it saw no command that waits for it.
        loop.call_unhurried(partial(ways_on.pop(), None, None))
        calls = []
        call_soon = loop.call_soon

        def counted(callback: Callable[[], None]) -> None:
            calls.append(callback)
            call_soon(callback)

        monkeypatch.setattr(loop, "call_soon", counted)
        queue.put(removal, "a")
        assert len(calls) == 1
        loop.turn(-1.0)
        assert said == ["renewed", "removed"]


def test_commands_side_by_side_have_nearly_the_time_that_the_core_waits(
    loop: EventLoop, thread: Worker, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the lock of the kernel for a while, and all routers renew: none may fail for it."""
    now = [0.0]
    monkeypatch.setattr(loop, "clock", lambda: now[0])
    said: list[str] = []
    commands = CommandQueue(loop, lambda: None)

    async def command(name: str, work: Callable[[], object]) -> None:
        try:
            await thread.run(work)
        except OutOfTimeError:
            said.append(f"{name} is out of time")
        else:
            said.append(f"{name} is renewed")

    def renew(names: str, work: Callable[[], object]) -> None:
        for name in names:
            commands.put(partial(command, name, work), name)
        loop.turn(-inf)

    renew("abc", go.wait)
    now[0] = 0.8
    loop.turn(-inf)
    assert said == []
    go.set()
    complete(loop, thread.settle())
    assert sorted(said) == ["a is renewed", "b is renewed", "c is renewed"]
    said.clear()
    go.clear()
    renew("abc", go.wait)
    now[0] += ANSWER_TIMEOUT - 0.05
    loop.turn(-inf)
    assert sorted(said) == ["a is out of time", "b is out of time", "c is out of time"]


def test_a_command_beside_others_that_had_to_wait_for_its_turn_is_answered_before_the_core_gives_up(
    loop: EventLoop, thread: Worker, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(loop, "clock", lambda: now[0])
    said: list[str] = []
    commands = CommandQueue(loop, lambda: None)

    async def command(name: str) -> None:
        try:
            await thread.run(go.wait)
        except OutOfTimeError:
            said.append(name)

    commands.put(partial(command, "alone"))
    commands.put(partial(command, "plain"), "plain")
    loop.turn(-inf)
    now[0] = command_queue.TIMEOUT
    for _ in range(2):
        loop.turn(-inf)
    assert said == ["alone"]
    now[0] = ANSWER_TIMEOUT - 0.05
    loop.turn(-inf)
    assert said == ["alone", "plain"]
