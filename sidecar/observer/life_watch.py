"""Hears the signs of life of other hosts, so that a lost one is known to have lived a moment before.

It is for the account of an incident alone: nothing of it reaches the router.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from sidecar.checks.dial import READ_LIMIT, hang_up
from sidecar.checks.http.reply import HttpReply
from sidecar.checks.kinds.http import request
from sidecar.checks.resolve import Resolver
from sidecar.clock import clock
from sidecar.observer.node_request import is_own, url
from sidecar.observer.status_reader import bounded, connection
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.telemetry.node_document import Unreadable
from sidecar.telemetry.plain_words import printable, short
from sidecar.telemetry.signs_of_life import EVERY, PATH

MISSED: Final = 5
"""Signs that must be missing in a row: a busy host may be late with some."""
AGAIN: Final = 2.0
"""Seconds until a host is asked again that was lost, or gives no signs."""
_DYING: Final = 0.5
"""Seconds after the end of a connection until its kernel is asked for another: a host dies piece by piece."""
_ANSWER: Final = 1.0
"""Seconds in which a kernel that lives answers."""
_LONGEST: Final = 300.0
"""Seconds after which another stream is asked for, before the host ends this one."""
_OK: Final = 200
_NAME: Final = 64


class Ended(Enum):
    """The end of a stream that says nothing of its host."""

    UNHEARD = auto()
    RENEWED = auto()
    """It has lasted for as long as a stream may."""


@dataclass(frozen=True, slots=True)
class NodeLost:
    """The signs of life of a host ended. `heard_at`: the last one, or the end, by the clock of this host."""

    url: str
    node: str
    heard_at: float
    closed: bool
    """Whether its kernel lives: it has closed the connection, and answers."""

    @property
    def detail(self) -> str:
        """One phrase for people."""
        if self.closed:
            return f"{self.url} closed the connection: its sidecar ended"
        return f"{self.url} gives no sign of life any more"


class LifeWatch:
    """Hears hosts that were asked to give signs. `lost` is called in the loop."""

    def __init__(self, lost: Callable[[NodeLost], None], again: float = AGAIN, every: float = EVERY) -> None:
        """`every`: seconds between two signs, `again`: until a host is asked again."""
        self._every = every
        self._lost = lost
        self._again = again

    async def follow(self, node: Endpoint, resolver: Resolver, wanted: Callable[[], bool]) -> None:
        """Hear a host for as long as that is wanted."""
        while wanted():
            ended = await self._hear(node, resolver)
            if isinstance(ended, NodeLost):
                self._lost(ended)
            if ended is not Ended.RENEWED:
                await asyncio.sleep(self._again)

    async def _hear(self, node: Endpoint, resolver: Resolver) -> NodeLost | Ended:
        """Hear one stream to its end. Return what that says."""
        try:
            async with bounded():
                addresses = await resolver.addresses(node.host)
                if any(is_own(address) for address in addresses):
                    return Ended.UNHEARD
                reader, writer = await connection(node, addresses, resolver)
        except Unreadable:
            return Ended.UNHEARD  # whoever reads its status says so
        try:
            writer.write(request(HttpUrl(False, node.host, node.port, PATH)))
            ended = await _signs(node, reader, self._every)
        finally:
            hang_up(writer)
        if isinstance(ended, NodeLost) and ended.closed:
            return replace(ended, closed=await _lives(node, addresses, resolver))
        return ended


async def _signs(node: Endpoint, reader: asyncio.StreamReader, every: float) -> NodeLost | Ended:
    reply, ends, heard_at = HttpReply(), clock() + _LONGEST, None
    while clock() < ends:
        data = await _sign(reader, every)
        if data:
            reply.feed(data)
        if reply.fault is not None or reply.status not in (None, _OK):
            return Ended.UNHEARD  # it is older, or all its places are taken
        if not data:
            closed = data is not None
            heard_at = clock() if closed and heard_at is not None else heard_at
            if heard_at is None:
                return Ended.UNHEARD
            return NodeLost(url(node), _name(reply), heard_at, closed=closed)
        if reply.status is not None:
            heard_at = clock()
    return Ended.RENEWED


async def _lives(node: Endpoint, addresses: Iterable[str], resolver: Resolver) -> bool:
    """Whether the kernel of a host lives that has closed a connection: it accepts another one, or refuses."""
    await asyncio.sleep(_DYING)
    try:
        async with asyncio.timeout(_ANSWER):
            hang_up((await connection(node, addresses, resolver))[1])
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    return True


async def _sign(reader: asyncio.StreamReader, every: float) -> bytes | None:
    """Return what came; nothing where the connection was closed, None where nothing came for too long."""
    for _ in range(MISSED):
        # One wait for all of them would end at once after this host itself stood still.
        try:
            async with asyncio.timeout(every):
                return await reader.read(READ_LIMIT)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
        except OSError:
            return None
    return None


def _name(reply: HttpReply) -> str:
    return short(printable(bytes(reply.body).partition(b"\n")[0].decode(errors="replace")), _NAME)
