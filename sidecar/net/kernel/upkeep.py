"""When everything is read anew: when something was missed, until it was whole, and once in a long while."""

from collections.abc import Callable
from typing import Final

from sidecar.event_loop import EventLoop, Timer
from sidecar.net.kernel.reader import InterruptedReadError
from sidecar.net.kernel.view import KernelView
from sidecar.net.task import Task

AUDIT: Final = 10.0
"""Seconds between two full readings, also of a MASTER: what no notification told is known by then."""
RETRY: Final = 0.1
"""Seconds between two attempts to read everything from a kernel that refuses, or changes too fast."""


class Upkeep:
    """Keeps a view whole from `start` to `end`. `wake` is called when it may have become so."""

    def __init__(
        self,
        view: KernelView,
        loop: EventLoop,
        wake: Callable[[], None],
        trouble: Callable[[str, str, str], None],
    ) -> None:
        self._view = view
        self._loop = loop
        self._wake = wake
        self._trouble = trouble
        self._task: Task[None] | None = None
        self._timer: Timer | None = None
        self._retrying = False

    def start(self) -> None:
        """Read everything in a while."""
        self._timer = self._loop.call_later(AUDIT, self._read)

    def want(self) -> None:
        """Something was missed: read now, unless it is tried already."""
        if self._task is None and not self._retrying:
            self._read()

    def end(self) -> None:
        """Read nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.abandon()

    def _read(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._retrying = False
        self._task = Task(self._view.resync(), self._ended)
        self._task.start()

    def _ended(self, task: Task[None]) -> None:
        self._task = None
        try:
            task.result()
        except InterruptedReadError:
            pass  # it is stale, which is answered below
        except OSError as refused:
            self._trouble("netlink", "dump", str(refused))
        self._retrying = self._view.stale
        self._timer = self._loop.call_later(RETRY if self._retrying else AUDIT, self._read)
        self._wake()
