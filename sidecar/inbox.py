"""What other tasks and threads tell the loop, and the loop's way of waiting for it."""

import asyncio
from collections import deque
from typing import Final

from sidecar.core.events import Event

CAPACITY: Final = 4096
"""Events that may wait. Far more than a second of checks; beyond it the sender is broken."""


class Inbox:
    """A bounded queue of events. `post` and `wake` on the loop, `post_from_thread` from anywhere."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: deque[Event] = deque()
        self._something = asyncio.Event()
        self.refused = 0

    def wake(self) -> None:
        """Something can be read somewhere else: end the wait."""
        self._something.set()

    def post(self, event: Event) -> None:
        """Leave an event. Beyond CAPACITY it is refused and counted."""
        if len(self._events) >= CAPACITY:
            self.refused += 1
            return
        self._events.append(event)
        self._something.set()

    def post_from_thread(self, event: Event) -> None:
        """Leave an event from another thread. After the end of the loop it is lost, as it should be."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.post, event)

    async def wait(self, seconds: float) -> None:
        """Return when there is something to hear, or after `seconds`."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._something.wait()
            except TimeoutError:
                pass
        else:
            # Even a loop that is always late must let readers and other tasks run.
            await asyncio.sleep(0)
        self._something.clear()

    def empty(self) -> list[Event]:
        """Take everything that was left."""
        events = list(self._events)
        self._events.clear()
        return events
