"""Name lookups that cannot hang the loop, exhaust threads or delay the end of the process.

The C resolver cannot be cancelled, so a lookup runs in a daemon thread of its own and is abandoned
by its callers when their deadline passes. Executors of the standard library do not fit: they are
joined when the interpreter exits.
"""

import asyncio
import socket
from ipaddress import ip_address
from threading import Thread
from typing import Final

_MAX_LOOKUPS: Final = 4


class Resolver:
    """At most four lookups at a time, at most one for each name. Belongs to one event loop."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_MAX_LOOKUPS)
        self._pending: dict[str, asyncio.Task[tuple[str, ...]]] = {}
        self._last: dict[str, tuple[str, ...]] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of `host`, at least one; an address is its own answer.

        Raise socket.gaierror when there are none. A lookup that hangs goes on hanging after the
        caller was cancelled, and later callers with the same name wait for the same lookup.
        """
        try:
            ip_address(host)
        except ValueError:
            return await self._shared(host)
        return (host,)

    def known(self, host: str) -> tuple[str, ...] | None:
        """Return the addresses of the last lookup that found any, None if there was none."""
        return self._last.get(host)

    async def _shared(self, host: str) -> tuple[str, ...]:
        task = self._pending.get(host)
        if task is None:
            task = asyncio.create_task(self._lookup(host), name=f"lookup {host}")
            self._pending[host] = task
            task.add_done_callback(lambda done: self._finished(host, done))
        return await asyncio.shield(task)

    def _finished(self, host: str, task: asyncio.Task[tuple[str, ...]]) -> None:
        del self._pending[host]
        # Nobody may be left to see the exception; that is no reason for a warning.
        if not task.cancelled() and task.exception() is None:
            self._last[host] = task.result()

    async def _lookup(self, host: str) -> tuple[str, ...]:
        async with self._slots:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[tuple[str, ...]] = loop.create_future()
            Thread(target=_resolve, args=(host, loop, answer), name=f"lookup {host}", daemon=True).start()
            return await answer


def _resolve(host: str, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[tuple[str, ...]]) -> None:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found = tuple(dict.fromkeys(str(info[4][0]) for info in infos))
        _hand_over(loop, answer, found)
    except OSError as error:
        _hand_over(loop, answer, error)
    except UnicodeError:
        _hand_over(loop, answer, socket.gaierror(socket.EAI_NONAME, "this cannot be a host name"))


def _hand_over(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[tuple[str, ...]],
    outcome: tuple[str, ...] | Exception,
) -> None:
    def settle() -> None:
        if answer.done():
            return
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop has ended while the lookup hung
