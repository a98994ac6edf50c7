"""A thread with an event loop of its own, for work that must never run in the protocol's loop."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Thread
from time import monotonic

from sidecar.stall import BEAT, StallWatch


class LoopThread:
    """Runs one coroutine between `start` and `stop`. A daemon: what hangs in it does not keep the process.

    `ended` is called in the thread with what went wrong if the coroutine raises: nobody else would see it.
    """

    def __init__(
        self, name: str, work: Callable[[], Coroutine[object, object, None]], ended: Callable[[str], None]
    ) -> None:
        self._work = work
        self._ended = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Cancel the work; return when it has ended, after `timeout` seconds at the latest.

        May be called again, or without `start`.
        """
        deadline = monotonic() + timeout
        self._stopping = True
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._cancel)
            except RuntimeError:
                self._loop = None  # it has ended by itself
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - monotonic()))

    def join(self, timeout: float) -> None:
        """Return when the work has ended by itself, after `timeout` seconds at the latest."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def call(self, function: Callable[[], None]) -> None:
        """Have it called in the thread, soon. Nothing is called before the loop runs, and after its end."""
        if self._loop is not None and not self._stopping:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(function)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - the end of the thread is the end of its work: say so
            self._ended(cause(error))

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        # A stop was requested before there was a loop to tell.
        if not self._stopping:
            await self._work()


async def keep_beating(watch: StallWatch) -> None:
    """Beat for this loop until cancelled, so that its stalls are known."""
    try:
        while True:
            watch.beat()
            await asyncio.sleep(BEAT)
    finally:
        watch.end()


def cause(error: BaseException) -> str:
    """Return what went wrong first in a group of tasks, in words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
