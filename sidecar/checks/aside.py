"""One blocking call at a time in a daemon thread, for what cannot be cancelled: a dead disk answers never.

Like the name lookups of `resolve.py`: a caller whose deadline passes abandons the call, the next one
waits for the same call instead of starting another, and nothing waits for it at the end of the process.
"""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Aside(Generic[_T]):
    """Makes the one call again and again. Belongs to one event loop."""

    def __init__(self, work: Callable[[], _T], name: str) -> None:
        self._work = work
        self._name = name
        self._pending: asyncio.Future[_T] | None = None

    async def result(self) -> _T:
        """Return what the call returns, or raise what it raises."""
        if self._pending is None:
            loop = asyncio.get_running_loop()
            self._pending = loop.create_future()
            self._pending.add_done_callback(self._finished)
            arguments = (loop, self._pending)
            Thread(target=self._run, args=arguments, name=self._name, daemon=True).start()
        return await asyncio.shield(self._pending)

    def _finished(self, done: asyncio.Future[_T]) -> None:
        self._pending = None
        # Nobody may be left to see the exception; that is no reason for a warning.
        if not done.cancelled():
            done.exception()

    def _run(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[_T]) -> None:
        settle: Callable[[], None]
        try:
            value = self._work()
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
            settle = lambda: answer.set_exception(failure)  # noqa: E731
        else:
            settle = lambda: answer.set_result(value)  # noqa: E731
        try:
            loop.call_soon_threadsafe(lambda: None if answer.done() else settle())
        except RuntimeError:
            return  # the loop has ended while the call hung
