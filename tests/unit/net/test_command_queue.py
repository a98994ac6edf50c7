"""Commands one after the other, and no call of the loop where none follows."""

from collections.abc import Callable
from contextlib import closing

import pytest

from sidecar.event_loop import EventLoop
from sidecar.net.command_queue import CommandQueue
from sidecar.net.task import Wait


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
        assert len(calls) == before == commands + commands - 1
