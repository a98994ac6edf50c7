"""A blocking call in a thread of its own that cannot keep the process from ending.

Executors of the standard library do not fit: their threads are joined when the interpreter exits.
"""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


async def aside(call: Callable[[], _T], name: str) -> _T:
    """Return or raise what the call does. A caller that is cancelled leaves the call to itself."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # None only if that is what the call returns

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
            failure = error
        try:
            loop.call_soon_threadsafe(settle, result, failure)
        except RuntimeError:
            return  # the loop has ended while the call hung

    Thread(target=run, name=name, daemon=True).start()
    return await answer
