"""Commands about addresses, one after the other, each with a time from its turn on."""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

from sidecar.event_loop import EventLoop, Timer
from sidecar.net.task import Task
from sidecar.net.worker import BusyError

TIMEOUT: Final = 0.5
"""Seconds the kernel has to answer one command; less than the patience of the core."""
MOST: Final = 2048
"""Commands that may wait: some eight for each of 255 routers, which come only if nothing is answered."""

Work = Callable[[], Coroutine[Any, Any, None]]


class CommandQueue:
    """Runs coroutines that answer by themselves. One that is out of time gets OutOfTimeError.

    `wake` is called when `check` has something to raise.
    """

    def __init__(self, loop: EventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._waiting: deque[Work] = deque()
        self._task: Task[None] | None = None
        self._timer: Timer | None = None
        self._failed: Task[None] | None = None

    def put(self, work: Work, *, always: bool = False) -> None:
        """Carry it out after those before it, and after what this step sends. BusyError: too many wait.

        `always`: however many wait.
        """
        if len(self._waiting) >= MOST and not always:
            raise BusyError(f"{MOST} commands wait for it already")
        self._waiting.append(work)
        if self._task is None:
            self._loop.call_soon(self._begin_next)

    @property
    def waiting(self) -> bool:
        """Whether a command waits for the one under way. From any thread."""
        return bool(self._waiting)

    def check(self) -> None:
        """Raise what a command has raised. Then nothing can be held or removed any more."""
        if self._failed is not None:
            self._failed.result()

    def end(self) -> None:
        """Leave the command under way and all others where they are."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.abandon()
            self._task = None

    def _begin_next(self) -> None:
        # In a loop: a command that need not wait ends in `start`.
        while self._task is None and self._waiting and self._failed is None:
            self._task = task = Task(self._waiting.popleft()(), self._ended)
            task.start()
            if not task.done:
                self._timer = self._loop.call_later(TIMEOUT, task.give_up)

    def _ended(self, task: Task[None]) -> None:
        self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            task.result()
        except Exception:  # noqa: BLE001 - `check` raises it where the daemon hears it
            self._failed = task
            self._wake()
            return
        if self._waiting:
            self._loop.call_soon(self._begin_next)
