"""Messages that wait for room in the socket: bounded, and the least important is dropped first."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import Final

MOST_MESSAGES: Final = 2048
MOST_BYTES: Final = 1024 * 1024


class Importance(IntEnum):
    """Messages that may be lost, the cheapest loss first."""

    STATE = 0
    """A picture that will be sent again when it changes."""
    LINE = 1
    """A line of the log that people would miss."""
    LOUD = 2
    """A transition, a warning: what an incident is understood from."""
    VITAL = 3
    """Messages that the receiver cannot work without."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message that waits."""

    data: bytes
    importance: Importance
    key: Hashable | None = None


class SendQueue:
    """In order of arrival. A message with a `key` takes the place of the one that waits with the same key.

    `lost` counts, by importance, the messages that had to go or found no room. Replacing loses nothing.
    """

    def __init__(self, most_messages: int = MOST_MESSAGES, most_bytes: int = MOST_BYTES) -> None:
        self.lost = dict.fromkeys(Importance, 0)
        self.bytes = 0
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._numbers = count()
        self._waiting: OrderedDict[int, Entry] = OrderedDict()
        self._by_key: dict[Hashable, int] = {}
        self._by_importance: dict[Importance, OrderedDict[int, None]] = {
            importance: OrderedDict() for importance in Importance
        }

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, data: bytes, importance: Importance, key: Hashable | None = None) -> None:
        """Add a message, for which less important ones may have to go: the oldest of them first.

        If there are none it is lost itself: of equals the beginning tells more than the end.
        """
        if key is not None and key in self._by_key:
            self._remove(self._by_key[key])
        while self._too_much(len(data)):
            if not self._sacrifice(importance):
                self.lost[importance] += 1
                return
        number = next(self._numbers)
        self._waiting[number] = Entry(data, importance, key)
        self._by_importance[importance][number] = None
        self.bytes += len(data)
        if key is not None:
            self._by_key[key] = number

    def first(self) -> Entry | None:
        """Return the message that is next, None if there is none."""
        return next(iter(self._waiting.values())) if self._waiting else None

    def pop(self) -> None:
        """The first one was sent."""
        self._remove(next(iter(self._waiting)))

    def put_back(self, entries: Iterable[Entry]) -> None:
        """Add messages that were sent and not heard before those that wait."""
        waiting = [*self._waiting.values()]
        for number in tuple(self._waiting):
            self._remove(number)
        for entry in (*entries, *waiting):
            self.put(entry.data, entry.importance, entry.key)

    def clear(self, importance: Importance) -> None:
        """Forget what is of this importance: it is about to be said anew."""
        for number in tuple(self._by_importance[importance]):
            self._remove(number)

    def _too_much(self, more: int) -> bool:
        return len(self._waiting) >= self._most_messages or self.bytes + more > self._most_bytes

    def _sacrifice(self, importance: Importance) -> bool:
        for lower in Importance:
            if lower >= importance:
                return False
            if self._by_importance[lower]:
                self._remove(next(iter(self._by_importance[lower])))
                self.lost[lower] += 1
                return True
        return False

    def _remove(self, number: int) -> None:
        entry = self._waiting.pop(number)
        del self._by_importance[entry.importance][number]
        self.bytes -= len(entry.data)
        if entry.key is not None:
            del self._by_key[entry.key]
