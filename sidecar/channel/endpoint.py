"""One end of the channel: whole messages over a SOCK_SEQPACKET socket, never waiting for the other end.

Made for any loop: it has a descriptor, reads when told that it is readable, and writes when told that it is
writable. A receiver looks at a bounded number of messages for each call and in each window of time; what
comes faster waits in the socket, and the sender finds it full.
"""

import array
import os
import socket
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sidecar.channel import fd_passing
from sidecar.channel.codec import Codec
from sidecar.channel.malformed import Malformed
from sidecar.channel.send_queue import MOST_MESSAGES, Entry, Importance, SendQueue

MOST_BYTES: Final = 48 * 1024
"""Bytes of the longest message: several of them fit into the least buffer of a socket."""
MOST_DESCRIPTORS: Final = 128
"""Descriptors that come with one message; the kernel lets 253 through."""
_BUFFER: Final = 1024 * 1024
"""Bytes that the socket may hold, if net.core.wmem_max allows it."""
_PACED_BUFFER: Final = 32 * 1024
"""The same where it is read at a pace: what a flood has left there is read first, within a second."""

Out = TypeVar("Out")
In = TypeVar("In")


class Hungup(Exception):  # noqa: N818 - it is what the other end did
    """The other end is closed, or has sent a message without bytes, which is the same."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages that are read within `seconds` at most, and bytes of the longest of them."""

    messages: int
    seconds: float
    most_bytes: int = MOST_BYTES


UNHURRIED: Final = Pace(1024, 0.0)
"""For the end that trusts the other one."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a new channel, neither of which is inherited. Raises OSError.

    The second one is for whom the first one hears at a pace.
    """
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end, room in zip(ends, (_BUFFER, _PACED_BUFFER), strict=True):
        end.setblocking(False)
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
    return ends


class Endpoint(Generic[Out, In]):
    """Sends messages of one type and receives those of another. Closed by `close`.

    `received` counts messages, `malformed` those of them that were no value of the type.
    """

    def __init__(
        self,
        end: socket.socket,
        out: Codec[Out],
        into: Codec[In],
        clock: Callable[[], float],
        pace: Pace = UNHURRIED,
        queue: SendQueue | None = None,
        first: Iterable[bytes] = (),
        passed: deque[int] | None = None,
    ) -> None:
        """`first` are encoded messages that are sent before those of the queue, and never dropped.

        A `queue` outlives the endpoint: what was sent from it is kept until `heard`, for the next one.

        `passed` gets descriptors that come with messages, closed on exec, for the caller to close. None: they
        are refused by the kernel.
        """
        end.setblocking(False)
        self._socket = end
        self._out = out
        self._into = into
        self._clock = clock
        self._pace = pace
        self._window_ends = 0.0
        self._left = pace.messages
        self.over = False
        """Whether the other end is closed, and everything before that was received."""
        self._passed = passed
        self._first = deque(Entry(data, Importance.VITAL) for data in first)
        self._sent = 0
        # Bounded: an end that receives everything may say that it has heard nothing.
        self._unheard: deque[tuple[int, Entry]] = deque(maxlen=MOST_MESSAGES)
        self._keeps = queue is not None
        self.queue = SendQueue() if queue is None else queue
        self.malformed = 0
        self.received = 0
        self.why = ""
        """The reason of the last malformed message."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    @property
    def waiting(self) -> bool:
        """Whether something waits until the socket is writable."""
        return bool(self._first) or len(self.queue) > 0

    @property
    def paused_until(self) -> float | None:
        """When reading goes on, if the window of time is used up; None: it may be read now."""
        if self._left or self._clock() >= self._window_ends:
            return None
        return self._window_ends

    def send(self, message: Out, importance: Importance, key: Hashable | None = None) -> None:
        """Send a message as soon as there is room. Raises Unencodable, and Hungup if nobody is there."""
        self.queue.put(self._out.encode(message), importance, key)
        self.flush()

    def pass_descriptors(self, message: Out, descriptors: Sequence[int]) -> bool:
        """Send a message with descriptors at once; False if there is no room. Raises Hungup."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))
        try:
            self._socket.sendmsg([self._out.encode(message)], [rights] if descriptors else [])
        except BlockingIOError:
            return False
        except OSError as error:
            raise Hungup(str(error)) from error
        self._sent += 1
        return True

    def flush(self) -> None:
        """Send what waits, until the socket is full. Raises Hungup."""
        while (entry := self._first[0] if self._first else self.queue.first()) is not None:
            try:
                self._socket.send(entry.data)
            except BlockingIOError:
                return
            except OSError as error:
                raise Hungup(str(error)) from error
            self._sent += 1
            if self._first:
                self._first.popleft()
                continue
            self.queue.pop()
            if self._keeps and entry.importance > Importance.STATE:
                self._unheard.append((self._sent, entry))

    def heard(self, number: int) -> None:
        """The other end says that it has received so many messages."""
        while self._unheard and self._unheard[0][0] <= number:
            self._unheard.popleft()

    @property
    def unheard(self) -> list[Entry]:
        """Messages from a queue that outlives this end: sent, no pictures, and not known to be received."""
        return [entry for _, entry in self._unheard]

    def receive(self, most: int | None = None) -> list[In]:
        """Return the messages that are there and that the pace allows now, or fewer. Raises Hungup.

        Once the end was reached, everything before it was returned.
        """
        messages: list[In] = []
        for _ in range(self._pace.messages if most is None else most):
            data = self._next()
            if data is None or (not data and messages):
                break
            self._left -= 1
            self._take(data, messages)
        return messages

    def receive_descriptors(self) -> tuple[In, list[int]] | None:
        """Return one message with the descriptors that came with it, closed on exec; None: there is none.

        Raises Hungup, Malformed, and OSError if the descriptors could not all be taken.
        """
        try:
            data, descriptors = fd_passing.receive(self._socket, MOST_BYTES + 1, MOST_DESCRIPTORS)
        except BlockingIOError:
            return None
        self.received += 1
        try:
            return self._decoded(data), descriptors
        except BaseException:
            for each in descriptors:
                os.close(each)
            raise

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _next(self) -> bytes | None:
        """Return the next message, b"" at the end, None if there is none or it must wait for its time."""
        if self.over or not self._allowed():
            return b"" if self.over else None
        try:
            try:
                data = self._receive()
            except ConnectionResetError:
                # The other end was closed before it had read everything. Its messages are still there.
                data = self._receive()
        except BlockingIOError:
            return None
        except OSError as error:
            raise Hungup(str(error)) from error
        self.over = not data
        return data

    def _receive(self) -> bytes:
        """Return the next message. Raises OSError, also if a descriptor that came with it cannot be taken."""
        if self._passed is None:
            return self._socket.recv(self._pace.most_bytes + 1)
        data, descriptors = fd_passing.receive(self._socket, self._pace.most_bytes + 1, MOST_DESCRIPTORS)
        self._passed.extend(descriptors)
        return data

    def _allowed(self) -> bool:
        now = self._clock()
        if now >= self._window_ends:
            self._window_ends = now + self._pace.seconds
            self._left = self._pace.messages
        return self._left > 0

    def _take(self, data: bytes, messages: list[In]) -> None:
        self.received += 1
        try:
            messages.append(self._decoded(data))
        except Malformed as error:
            self.malformed += 1
            self.why = str(error)

    def _decoded(self, data: bytes) -> In:
        if not data:
            raise Hungup("the other end is closed")
        if len(data) > self._pace.most_bytes:
            raise Malformed(f"more than {self._pace.most_bytes} bytes")
        return self._into.decode(data)
