"""The status of each target, asked at once: bounded in time, in size and in how many are open.

A host that hangs, lies, or answers something else is unreadable, with the reason. It delays no other one.
"""

import asyncio
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.cli.fleet.targets import Target
from sidecar.telemetry.node_document import NodeTold, Unreadable, read

DEADLINE: Final = 2.0
"""Seconds for the whole of an answer."""
AT_ONCE: Final = 200
"""Connections that are open at the same time."""
LARGEST: Final = 1024 * 1024
"""Bytes of an answer that are read. One router with one VIP and three checks takes 3 KB."""
_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target told, or why it is unreadable."""

    target: Target
    told: NodeTold | None
    fault: str = ""

    @property
    def name(self) -> str:
        """Its own name, or where it was asked."""
        return self.target.address if self.told is None else self.told.node


def ask_all(targets: Iterable[Target], deadline: float = DEADLINE) -> Mapping[Target, Answer]:
    """Ask each target once. Takes about as long as the slowest, at most `deadline` seconds for each 200."""
    return asyncio.run(_ask_all(tuple(targets), deadline))


async def _ask_all(targets: tuple[Target, ...], deadline: float) -> dict[Target, Answer]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Answer:
        async with places:
            return await _ask(target, deadline)

    return dict(zip(targets, await asyncio.gather(*map(one, targets)), strict=True))


async def _ask(target: Target, deadline: float) -> Answer:
    try:
        async with asyncio.timeout(deadline):
            told = read(_content(await _reply(target)))
    except TimeoutError:
        fault = f"no answer within {deadline:g} s"
    except Unreadable as error:
        fault = str(error)
    except socket.gaierror:
        fault = "the name has no address"
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None)
        fault = (os.strerror(number) if number else str(error)).lower()
    else:
        return Answer(target, told)
    return Answer(target, None, fault)


async def _reply(target: Target) -> bytes:
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        # Version 1.0: the answer ends with the connection and has no chunks.
        writer.write(f"GET /status.json HTTP/1.0\r\nHost: {target.address}\r\n\r\n".encode("ascii"))
        parts: list[bytes] = []
        size = 0
        while data := await reader.read(_CHUNK):
            parts.append(data)
            size += len(data)
            if size > LARGEST:
                raise Unreadable(f"the answer is longer than {LARGEST} bytes")
        return b"".join(parts)
    finally:
        writer.transport.abort()


def _content(reply: bytes) -> bytes:
    head, gap, body = reply.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if not gap or not words[0].startswith(b"HTTP/1.") or len(words) < 2:  # noqa: PLR2004 - version, code
        raise Unreadable("the answer is no HTTP")
    if words[1] != b"200":
        code = words[1][:3].decode("ascii", "replace")
        raise Unreadable(f"the answer has status {code if code.isdigit() else 'none'}")
    return body
