"""A server on an address of the loopback that is not the one from which the kernel sends there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sidecar.plan.endpoints import Endpoint
from tests import asyncio_server

HOST = "127.0.0.2"
"""For this host another one: packets to it are sent from 127.0.0.1."""


def http(body: bytes, status: str = "200 OK") -> bytes:
    """Return a whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def serving(answer: bytes, *, host: str = HOST, stays: bool = False) -> AsyncIterator[Endpoint]:
    """Serve these bytes to everyone, then close, or keep the connection open (`stays`)."""
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, EOFError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                if stays:
                    await reader.read()
        finally:
            writer.close()  # also if the loop ends before it is one of those that are waited for
        with suppress(OSError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        connections[task] = writer
        task.add_done_callback(connections.pop)

    server = await asyncio.start_server(accept, host, 0)
    try:
        yield Endpoint(host, server.sockets[0].getsockname()[1])
    finally:
        await asyncio_server.close(server)
        for writer in tuple(connections.values()):
            writer.transport.abort()
        await asyncio.gather(*tuple(connections))
