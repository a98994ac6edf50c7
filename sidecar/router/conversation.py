"""Talking with the observer: what is told waits in a bounded queue, what is heard is checked and counted.

Nothing is waited for. The queue outlives an observer: what nobody has read is told to the next one.
"""

import socket
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from typing import Final

from sidecar.channel.down import DOWN, Down, Hello, Level, Line
from sidecar.channel.endpoint import MOST_BYTES, Endpoint, Hungup
from sidecar.channel.malformed import Unencodable
from sidecar.channel.send_queue import Importance, SendQueue
from sidecar.channel.up import UP, UP_PACE, Alive, FreshResults, Up
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.event_loop import READABLE, WRITABLE, EventLoop, Timer
from sidecar.router.icmp_sockets import Opened

MALFORMED: Final = 8
"""Messages of one observer that make no sense after which it is replaced."""


class Conversation:
    """For the thread of the loop. `heard` gets each message that makes sense, `broken` why it cannot go on.

    `closed` is called when the other end hangs up, which it does when it dies. `checks` are the names of
    the checks in their order: nothing else can have a verdict.
    """

    def __init__(
        self,
        loop: EventLoop,
        checks: tuple[str, ...],
        heard: Callable[[Up], None],
        broken: Callable[[str], None],
        closed: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._number, self._names = len(checks), frozenset(checks)
        self._before = self._names, self._number
        self._heard = heard
        self._broken = broken
        self._closed = closed
        self._queue = SendQueue()
        self._endpoint: Endpoint[Down, Up] | None = None
        self._pause: Timer | None = None
        self._strange = 0
        self._told_lost = 0
        self.malformed = 0
        """Messages of all observers that made no sense."""

    @property
    def lost(self) -> int:
        """Lines that nobody read in time, so that there was no room for them any more."""
        return sum(lost for importance, lost in self._queue.lost.items() if importance > Importance.STATE)

    @property
    def waiting(self) -> bool:
        """Whether something waits to be read."""
        return len(self._queue) > 0 if self._endpoint is None else self._endpoint.waiting

    @property
    def attended(self) -> bool:
        """Whether somebody reads what is told, and has read everything so far."""
        return self._endpoint is not None and not self._endpoint.waiting

    def expect(self, counted: tuple[str, ...], names: Iterable[str]) -> None:
        """From now on verdicts may be on checks of these names, and the observer counts these checks."""
        self._before = self._names, self._number
        self._number, self._names = len(counted), frozenset(names)

    def forget_pictures(self) -> None:
        """No picture that waits is of any use: its index counts otherwise."""
        self._queue.clear(Importance.STATE)

    def open(self, end: socket.socket, hello: Hello, sockets: Opened, first: Iterable[Down]) -> None:
        """Begin with a new observer: greet it, tell it these first, then what has waited. Raises Hungup."""
        # Pictures of the past are no news to it: those of now are about to be told.
        self._queue.clear(Importance.STATE)
        self._strange = 0
        greeting = [DOWN.encode(each) for each in first]
        self._endpoint = Endpoint(end, DOWN, UP, self._loop.clock, UP_PACE, self._queue, greeting)
        self._endpoint.pass_descriptors(hello, [*sockets.ipv4, *sockets.ipv6])
        self.flush()

    def hand(self, message: Down, sockets: Opened) -> bool:
        """Tell it now, before everything that waits, and pass sockets with it. False: there is no room."""
        if self._endpoint is None:
            return False
        with suppress(Hungup):  # its process ends, too, and that is noticed
            return self._endpoint.pass_descriptors(message, [*sockets.ipv4, *sockets.ipv6])
        return False

    def close(self) -> None:
        """End it. Messages that were not read yet wait for the next one."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._endpoint is not None:
            self._loop.forget(self._endpoint.fileno())
            self._endpoint.close()
            self._queue.put_back(self._endpoint.unheard)
            self._endpoint = None

    def tell(self, message: Down, importance: Importance, key: Hashable | None = None) -> None:
        """Tell it as soon as somebody reads. A message with the same key that still waits is replaced."""
        try:
            data = DOWN.encode(message)
            why = "" if len(data) <= MOST_BYTES else f"{len(data)} bytes are too many"
        except Unencodable as error:
            why = str(error)
        if why:
            detail = f"{type(message).__name__} cannot be told: {why}"
            data = DOWN.encode(self._line(Level.ERROR, "message_lost", {"detail": detail}))
        self._queue.put(data, importance, key)
        self.flush()

    def say(self, level: Level, event: str, **fields: str) -> None:
        """Have a line written into the log."""
        importance = Importance.LINE if level in (Level.DEBUG, Level.INFO) else Importance.LOUD
        self.tell(self._line(level, event, fields), importance)

    def tell_losses(self) -> None:
        """Say how many lines were lost since the last time, once there is room for that."""
        if self.attended and self.lost > self._told_lost:
            lost, self._told_lost = self.lost - self._told_lost, self.lost
            self.say(Level.WARNING, "lines_lost", detail=f"{lost} lines are lost: nobody read them in time")

    def flush(self) -> None:
        """Send what waits, as far as there is room, and see to it that this goes on."""
        if self._endpoint is not None:
            with suppress(Hungup):  # its process ends, too, and that is noticed
                self._endpoint.flush()
            self._watch()

    def read(self) -> None:
        """Hear what was said, as much of it as the pace allows."""
        endpoint = self._endpoint
        if endpoint is None:
            return
        before = endpoint.malformed
        try:
            messages = endpoint.receive()
        except Hungup:
            self.close()
            self._closed()
            return
        # One after the other: a message about an exchange changes which of those behind it make sense.
        strange = sum(not self._take(each, endpoint) for each in messages) + endpoint.malformed - before
        self.malformed += strange
        self._strange += strange
        if self._endpoint is not endpoint:
            return
        if endpoint.over:
            self.close()
            self._closed()
        elif self._strange >= MALFORMED:
            self.close()
            self._broken(f"{self._strange} of its messages make no sense ({endpoint.why or 'no such check'})")

    def _take(self, message: Up, endpoint: Endpoint[Down, Up]) -> bool:
        """Have it heard if it is about what there is. False: it makes no sense."""
        if not _about(message, self._names, self._number):
            # A reload has removed a check while the observer was telling of it: too late is no nonsense.
            return _about(message, *self._before)
        if isinstance(message, Alive):
            endpoint.heard(message.received)
        self._heard(message)
        return True

    def _ready(self) -> None:
        self.read()
        self.flush()

    def _watch(self) -> None:
        """Wait for what can go on: room for what waits, and messages unless the pace forbids them now."""
        if self._endpoint is None:
            return
        paused = self._endpoint.paused_until
        events = (WRITABLE if self._endpoint.waiting else 0) | (READABLE if paused is None else 0)
        self._loop.watch(self._endpoint.fileno(), self._ready, events)
        if paused is not None and self._pause is None:
            self._pause = self._loop.call_at(paused, self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        self._watch()

    def _line(self, level: Level, event: str, fields: dict[str, str]) -> Line:
        return Line(self._loop.clock(), level, event, tuple(fields.items()))


def _about(message: Up, names: frozenset[str], number: int) -> bool:
    """Whether a message is about checks of these names, counted up to this number, or about none."""
    if isinstance(message, CheckVerdict):
        return message.check in names
    if isinstance(message, FreshResults):
        return all(each.index < number for each in message.results)
    return True
