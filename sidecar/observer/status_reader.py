"""What another host tells over HTTP: bounded in time and in size, and one sentence for each failure.

The observer reads the hosts of `nodes:` with it, the verb `fleet` those of its file, and `events --incident`
the events of the other hosts.
"""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from sidecar.checks.dial import READ_LIMIT, Dial, Streams, hang_up
from sidecar.checks.http.reply import HttpReply
from sidecar.checks.kinds.http import request
from sidecar.checks.resolve import Resolver
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.telemetry.node_document import NoAnswer, NodeTold, Unreadable, read

DEADLINE: Final = 2.0
"""Seconds for the whole of an answer, the lookup of the name included."""
LARGEST: Final = 1024 * 1024
"""Bytes of a status document that are read. One router with one VIP and three checks takes 3 KB."""
_OK: Final = 200
_NOBODY: Final = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ETIMEDOUT})
"""What the kernel of this host says when nothing has come back."""


@asynccontextmanager
async def bounded(deadline: float = DEADLINE) -> AsyncIterator[None]:
    """Let what is done within take no longer than so many seconds. Raises Unreadable for each failure."""
    try:
        async with asyncio.timeout(deadline):
            yield
    except TimeoutError:
        raise NoAnswer(f"no answer within {deadline:g} s") from None
    except socket.gaierror as error:
        raise Unreadable(f"the name has no address: {error.strerror}") from None
    except OSError as error:
        kind = NoAnswer if error.errno in _NOBODY else Unreadable
        raise kind((os.strerror(error.errno) if error.errno else str(error)).lower()) from None


async def read_status(node: Endpoint, addresses: Iterable[str], resolver: Resolver) -> NodeTold:
    """Return what a host tells, at the first of its addresses that takes a connection.

    Raises OSError, or Unreadable where the answer is no status.
    """
    return read(await fetch(node, addresses, resolver, "/status.json"))


async def fetch(
    node: Endpoint, addresses: Iterable[str], resolver: Resolver, target: str, largest: int = LARGEST
) -> bytes:
    """Return what a host answers to this target, of fewer than `largest` bytes.

    It is asked at the first of its addresses that takes a connection. Raises OSError, or Unreadable where the
    answer is none.
    """
    reader, writer = await connection(node, addresses, resolver)
    try:
        writer.write(request(HttpUrl(False, node.host, node.port, target)))
        reply = HttpReply(most=largest)
        while not reply.complete and reply.fault is None:
            if data := await reader.read(READ_LIMIT):
                reply.feed(data)
            else:
                reply.end()
    finally:
        hang_up(writer)
    return _content(reply, largest)


async def connection(node: Endpoint, addresses: Iterable[str], resolver: Resolver) -> Streams:
    """Return a connection to the first of the addresses that takes one. Raises OSError."""
    failure: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            return await Dial(address, node.port, resolver).open()
        except OSError as error:
            failure = error
    raise failure


def _content(reply: HttpReply, largest: int) -> bytes:
    if reply.fault is not None:
        raise Unreadable(f"the answer is no status: {reply.fault}")
    if reply.status != _OK:
        raise Unreadable(f"the answer has status {reply.status}")
    if len(reply.body) >= largest:
        raise Unreadable(f"the answer is longer than {largest} bytes")
    return bytes(reply.body)
