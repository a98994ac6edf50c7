"""Events from tasks and threads for the protocol loop, and whether a step has something to hear."""

from collections import deque
from functools import partial
from typing import Final

from sidecar.core.events import Event
from sidecar.event_loop import EventLoop

CAPACITY: Final = 4096
"""Events that may wait. Far more than a second of checks; beyond it the sender is broken."""


class Inbox:
    """A bounded queue of events. All but `post_from_thread` is for the thread of the loop."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._events: deque[Event] = deque()
        self._woken = False
        self.refused = 0

    def wake(self) -> None:
        """Something can be read somewhere else: a step has something to hear."""
        self._woken = True

    @property
    def waiting(self) -> bool:
        """Whether there is something to hear, here or elsewhere, before the loop has to wait for anything."""
        return self._woken or bool(self._events)

    def take_woken(self) -> bool:
        """Whether there is something to hear, here or since the last call elsewhere."""
        woken, self._woken = self._woken, False
        return woken or bool(self._events)

    def post(self, event: Event) -> None:
        """Leave an event. Beyond CAPACITY it is refused and counted."""
        if len(self._events) >= CAPACITY:
            self.refused += 1
            return
        self._events.append(event)

    def post_from_thread(self, event: Event) -> None:
        """Leave an event from another thread. After the end of the loop it is lost, as it should be."""
        self._loop.call_soon(partial(self.post, event))

    def empty(self) -> list[Event]:
        """Take everything that was left."""
        events = list(self._events)
        self._events.clear()
        return events
