"""Procedures that wait for other threads, as coroutines, with the event loop of the router under them.

A command about addresses reads what the view knows, has something done by a thread, looks again, has the
next thing done. Written as a coroutine it stays one piece of text; only the thread of the loop runs it, so
that nothing of it needs a lock. This is all that is needed of what asyncio does for that.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from functools import partial
from math import inf
from typing import Any, Final, Generic, TypeVar

from sidecar.event_loop import EventLoop

Result = TypeVar("Result")
Resume = Callable[[Any, BaseException | None], None]
"""Goes on with a value, or with an error."""

_MANY: Final = 3600.0
"""Seconds of one turn while something is waited for without an end."""


class OutOfTimeError(Exception):
    """The awaited event has not come in time. It may still happen."""


class Wait(Awaitable[Result]):
    """Something to `await`. `begin` gets how to go on, and calls that once, later, in the loop."""

    def __init__(self, begin: Callable[[Resume], None]) -> None:
        self.begin = begin

    def __await__(self) -> Generator["Wait[Result]", Result, Result]:
        return (yield self)


def next_turn(loop: EventLoop) -> Wait[None]:
    """Wait until the loop has served everybody else."""
    return Wait(lambda resume: loop.call_soon(partial(resume, None, None)))


class Task(Generic[Result]):
    """A coroutine at work, from `start` until `ended` is called; it may be called in `start` already."""

    def __init__(self, work: Coroutine[Any, Any, Result], ended: "Callable[[Task[Result]], None]") -> None:
        self._work = work
        self._ended = ended
        self._step = 0
        self._error: BaseException | None = None
        self._result: Result
        self.done = False

    def start(self) -> None:
        """Run it until it waits for the first time."""
        self._go_on(None, None)

    def give_up(self) -> None:
        """Raise OutOfTimeError where it waits. The request that it waits for is carried out all the same."""
        self._go_on(None, OutOfTimeError())

    def abandon(self) -> None:
        """End it where it waits, and tell nobody."""
        self._step += 1
        self.done = True
        self._work.close()

    def result(self) -> Result:
        """Return what the coroutine has returned, raise what it has raised."""
        if self._error is not None:
            raise self._error
        return self._result

    def _go_on(self, value: Any, error: BaseException | None) -> None:
        self._step += 1
        try:
            wait = self._work.send(value) if error is None else self._work.throw(error)
        except StopIteration as end:
            self._result = end.value
        except Exception as raised:  # noqa: BLE001 - whoever asks for the result gets it
            self._error = raised
        else:
            wait.begin(partial(self._resume, self._step))
            return
        self.done = True
        self._ended(self)

    def _resume(self, step: int, value: Any, error: BaseException | None) -> None:
        # Nobody waits any more for what comes after the task was given up.
        if step == self._step and not self.done:
            self._go_on(value, error)


def complete(loop: EventLoop, work: Coroutine[Any, Any, Result], seconds: float = inf) -> Result:
    """Turn the loop until a coroutine has ended, and return its result.

    After so many seconds it gets OutOfTimeError, and has to end.
    """
    return complete_all(loop, [work], seconds)[0]


def complete_all(
    loop: EventLoop, works: Iterable[Coroutine[Any, Any, Result]], seconds: float = inf
) -> list[Result]:
    """Turn the loop until all of these have ended, side by side, and return their results.

    After so many seconds those that have not get OutOfTimeError, and have to end.
    """
    tasks = [Task(work, lambda _: None) for work in works]
    ends = loop.clock() + seconds
    for task in tasks:
        task.start()
    while under_way := [task for task in tasks if not task.done]:
        loop.turn(min(ends, loop.clock() + _MANY))
        if loop.clock() >= ends:
            for task in under_way:
                if not task.done:
                    task.give_up()
            ends = inf
    return [task.result() for task in tasks]
