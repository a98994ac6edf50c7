"""Commands about addresses, each with a time.

Those for one router are carried out one after the other. Those for several are carried out side by side, as
far as they only write addresses, so that what 255 routers ask for at the same moment becomes few writes.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, NamedTuple

from sidecar.event_loop import EventLoop, Timer
from sidecar.net.task import Task
from sidecar.net.worker import BusyError

TIMEOUT: Final = 0.5
"""Seconds the kernel has, from its turn on, for a command that is alone: all others wait for it."""
PATIENCE: Final = 0.9
"""Seconds from `put` on of a command beside others, just less than the patience of the core.

All of them wait for the same lock of the kernel. None is given up that the core still waits for, or whoever
holds that lock for some time would end the claims of all routers.
"""
MOST: Final = 2048
"""Commands that may wait: some eight for each of 255 routers, which come only if nothing is answered."""
TOGETHER: Final = 32
"""Commands begun in one turn of the loop: what is due comes between two such turns."""
VIPS_TOGETHER: Final = 512
"""VIPs that these are about, if there are more commands than one: as many as go in one write."""

Work = Callable[[], Coroutine[Any, Any, None]]


class _Command(NamedTuple):
    """A command before its turn, and when it was put here."""

    work: Work
    router: str | None
    vips: int
    since: float


class CommandQueue:
    """Runs coroutines that answer by themselves. One that is out of time gets OutOfTimeError.

    `wake` is called when `check` has something to raise.
    """

    def __init__(self, loop: EventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._waiting: deque[_Command] = deque()
        self._running: dict[str | None, tuple[Task[None], Timer | None]] = {}
        self._called = False
        self._failed: Task[None] | None = None

    def put(self, work: Work, router: str | None = None, vips: int = 1, *, always: bool = False) -> None:
        """Carry it out after those before it, and after what this step sends. BusyError: too many wait.

        `router`: it may be carried out beside those for other routers. None: alone. `vips`: how many of them
        it is about. `always`: however many wait.
        """
        if len(self._waiting) >= MOST and not always:
            raise BusyError(f"{MOST} commands wait for it already")
        self._waiting.append(_Command(work, router, vips, self._loop.clock()))
        # Also where it cannot begin: a command before it may have been answered without waking anybody.
        self._call_soon()

    @property
    def waiting(self) -> bool:
        """Whether a command waits for the one under way. From any thread."""
        return bool(self._waiting)

    def check(self) -> None:
        """Raise what a command has raised. Then nothing can be held or removed any more."""
        if self._failed is not None:
            self._failed.result()

    def end(self) -> None:
        """Leave the commands under way and all others where they are."""
        self._waiting.clear()
        for task, timer in self._running.values():
            if timer is not None:
                timer.cancel()
            task.abandon()
        self._running.clear()

    @property
    def _next_may_begin(self) -> bool:
        if not self._waiting or self._failed is not None or None in self._running:
            return False
        router = self._waiting[0].router
        return router not in self._running if router is not None else not self._running

    def _begin_soon(self) -> None:
        if self._next_may_begin:
            self._call_soon()

    def _call_soon(self) -> None:
        if not self._called:
            self._called = True
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        # In a loop: a command that need not wait ends in `start`.
        begun = number = 0
        while begun < TOGETHER and self._next_may_begin:
            number += self._waiting[0].vips
            if begun and number > VIPS_TOGETHER:
                break
            begun += 1
            work, router, _, since = self._waiting.popleft()
            task = Task(work(), partial(self._ended, router))
            self._running[router] = task, None
            task.start()
            if not task.done:
                ends = self._loop.clock() + TIMEOUT if router is None else since + PATIENCE
                self._running[router] = task, self._loop.call_at(ends, task.give_up)
        self._called = False
        self._begin_soon()

    def _ended(self, router: str | None, task: Task[None]) -> None:
        _, timer = self._running.pop(router)
        if timer is not None:
            timer.cancel()
        try:
            task.result()
        except Exception:  # noqa: BLE001 - `check` raises it where the daemon hears it
            self._failed = task
            self._wake()
            return
        self._begin_soon()
