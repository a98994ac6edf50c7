"""Targets that are sick, slow or hostile."""

import asyncio
import contextlib
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.unit.checks.stage import Handler

OK = b"HTTP/1.1 200 OK\r\n"
BIG = b"Content-Length: 10000000000\r\n\r\n"
_TCP_REPAIR = 19
Responder = Callable[[bytes], list[bytes]]
"""From a datagram to the datagrams that answer it."""


async def request(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def says(data: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return handler


def then_hangs(data: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(data)
        await asyncio.Event().wait()

    return handler


def trickles(head: bytes, each: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(head)
        while True:
            writer.write(each)
            await writer.drain()
            await asyncio.sleep(0.01)

    return handler


def floods(head: bytes, each: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(head)
        while True:
            writer.write(each)
            await writer.drain()

    return handler


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def vanishes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As if the host had lost its power: no FIN, no RST, the other end is half open (TCP_REPAIR)."""
    await request(reader)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)


def speaks_at_once(data: bytes) -> Handler:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return handler


async def hangs(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@contextlib.contextmanager
def udp_server(respond: Responder, port: int = 0) -> Iterator[int]:
    """Answer datagrams on a port of 127.0.0.1 from a thread."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", port))
        opened.settimeout(0.02)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError, ConnectionError):
                    data, client = opened.recvfrom(4096)
                    for answer in respond(data):
                        opened.sendto(answer, client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield opened.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def certify(folder: Path, name: str, days: int = 90) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for `name` that ends in so many days, and the TLS context of its server."""
    key, wish, file = (folder / f"{name}.{suffix}" for suffix in ("key", "csr", "pem"))
    new = f"openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name}"
    sign = f"openssl x509 -req -in {wish} -signkey {key} -copy_extensions copyall -days {days} -out {file}"
    for command in (f"{new} -addext subjectAltName=DNS:{name} -keyout {key} -out {wish}", sign):
        subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context
