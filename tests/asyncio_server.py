"""Closing a server of asyncio without losing the connection that it accepted last."""

import asyncio
from typing import Final

_TURNS: Final = 5


async def close(server: asyncio.Server) -> None:
    """Accept no more, have what was accepted handed to its handler, and close.

    A connection takes some turns of the loop from accept(2) to its handler. Of one whose server is closed
    between two of them nothing is left but the socket, which nobody closes (asyncio.selector_events).
    """
    for each in server.sockets:
        asyncio.get_running_loop().remove_reader(each.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
