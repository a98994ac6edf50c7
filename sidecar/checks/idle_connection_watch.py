"""One idle connection to a healthy target: its end is the first sign that the target has died.

The end of the connection is no failure. nginx closes idle connections when it reloads and after
its keepalive timeout. It only makes the next probe come at once.
"""

import asyncio
from typing import Final

from sidecar.checks.dial import Dial, hang_up

_SHORTEST_SPACING: Final = 0.1
_LONGEST_SPACING: Final = 10.0
_SETTLED: Final = 1.0
_RENEWAL: Final = 10.0
"""Seconds that a connection is held: an nginx worker that was told to end waits for idle connections."""
_MAX_UNASKED: Final = 64 * 1024


class IdleConnectionWatch:
    """Keeps the connection while armed. Reconnects at most ten times a second, ever slower if cut young."""

    def __init__(self, dial: Dial, deadline: float) -> None:
        self._dial = dial
        self._deadline = deadline
        self._cut = asyncio.Event()
        self._spacing = _SHORTEST_SPACING
        self._next_at = 0.0
        self._holder: asyncio.Task[None] | None = None

    def arm(self) -> None:
        """Connect in the background unless that is done or under way. Call after a pass."""
        if self._holder is None or self._holder.done():
            self._holder = asyncio.create_task(self._hold(), name="idle_watch")

    def disarm(self) -> None:
        """Give up the connection."""
        if self._holder is not None:
            self._holder.cancel()

    async def wait(self, seconds: float) -> bool:
        """Wait until the connection is cut, then return True; or for `seconds`, then return False."""
        try:
            async with asyncio.timeout(seconds):
                await self._cut.wait()
        except TimeoutError:
            return False
        self._cut.clear()
        return True

    async def _hold(self) -> None:
        await asyncio.sleep(self._next_at - asyncio.get_running_loop().time())
        while await self._keep_one():
            continue

    async def _keep_one(self) -> bool:
        """Hold one connection; return True when it has only grown old."""
        clock = asyncio.get_running_loop().time
        since = clock()
        self._next_at = since + self._spacing
        try:
            async with asyncio.timeout(self._deadline):
                reader, writer = await self._dial.open()
        except TimeoutError:
            return False
        except OSError:
            self._cut.set()
            return False
        try:
            async with asyncio.timeout(_RENEWAL):
                cut = await _ended(reader)
        except TimeoutError:
            return True
        finally:
            hang_up(writer)
        if cut:
            self._space_out(since, clock())
            self._cut.set()
        else:
            await asyncio.Event().wait()
        return False

    def _space_out(self, since: float, now: float) -> None:
        if now - since >= _SETTLED:
            self._spacing = _SHORTEST_SPACING
        else:
            self._spacing = min(_LONGEST_SPACING, self._spacing * 2)
        self._next_at = since + self._spacing


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Return True when the target ends the connection, False when it talks too much to be listened to."""
    unasked = 0
    while unasked <= _MAX_UNASKED:
        try:
            data = await reader.read(4096)
        except OSError:
            return True
        if not data:
            return True
        unasked += len(data)
        await asyncio.sleep(0)
    return False
