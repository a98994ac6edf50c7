"""The question for the token ends in time, whatever answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from sidecar.pools.generation_client import PATIENCE, GenerationClient

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readuntil(b"\r\n\r\n")
    host = next(line for line in asked.split(b"\r\n") if line.startswith(b"Host: "))
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + host.removeprefix(b"Host: ") + b" 7;\n")
    writer.close()


async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)
    writer.close()


async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def ask(handler: Handler) -> str | None:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await GenerationClient("127.0.0.1", port, "app.pool").ask()
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return answer


@pytest.mark.parametrize(
    ("handler", "answer"), [(says, "app.pool 7;"), (nothing, None), (floods, ""), (hangs_up, "")]
)
def test_what_is_said_there(handler: Handler, answer: str | None) -> None:
    began = time.monotonic()
    assert asyncio.run(ask(handler)) == answer
    assert time.monotonic() - began < PATIENCE + 1


def test_nobody_there() -> None:
    assert asyncio.run(GenerationClient("127.0.0.1", 1, "app.pool").ask()) is None
