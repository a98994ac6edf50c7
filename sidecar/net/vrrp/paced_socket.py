"""One queue of packets: a socket with a filter of its own, read at once or, in a crowd, in portions."""

from collections.abc import Callable

from sidecar.core.events import PacketReceived
from sidecar.event_loop import EventLoop, Timer
from sidecar.net.vrrp.pace import BATCH, QUEUE, Pace, Portion
from sidecar.net.vrrp.vrrp_socket import VrrpSocket


class PacedSocket:
    """Calls `wake` when `read` has something. `clock`: seconds, never goes back."""

    def __init__(
        self,
        interface: str,
        index: int,
        family: int,
        portion: Portion,
        loop: EventLoop,
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        """Open the socket; it hears nothing yet. Raises OSError (EPERM without NET_RAW, ENODEV)."""
        self.socket = VrrpSocket(interface, index, family)
        self._repeated = 0
        self._portion = self._own_portion = portion
        self._clock = clock
        self._wake = wake
        self._loop = loop
        self._pace = Pace()
        self._missed = 0
        self._crowded = portion.always
        self._queue = 0
        self._resize(portion.queue if portion.always else QUEUE)
        self._pause: Timer | None = None
        self._due = False
        self._watched = False
        self._watch()

    def read(self, portion: Portion | None = None) -> list[PacketReceived]:
        """Return what may be heard now: in a crowd a portion, such a one instead of its own."""
        self._portion = portion = portion or self._own_portion
        self._note(0)
        if self._crowded and portion.strict and not self._due:
            return []
        packets = self.socket.receive(portion.most if self._crowded else BATCH)
        self._note(len(packets))
        self._due = False
        if self._pause is None:
            self._watch()
        if self._crowded and not portion.always:
            return self._without_repetitions(packets)
        return packets

    @property
    def waits_out(self) -> bool:
        """Whether a pause is waited out because of a crowd: what arrives meanwhile does not wake."""
        return self._crowded and not self._portion.always

    def take_repeated(self) -> int:
        """Return how many packets were left out since the last call: the same one was read with them."""
        repeated, self._repeated = self._repeated, 0
        return repeated

    def close(self) -> None:
        """Close the socket. Packets that wait there are lost."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.forget(self.socket.fileno())
        self.socket.close()

    def _note(self, packets: int) -> None:
        """So many were read: have a crowd read in portions of a short queue, anything else at once."""
        arrived = 0
        if packets:
            # An empty queue was not full: what it missed are wrong IPv6 checksums, which cost us nothing.
            missed = self.socket.unread()
            arrived, self._missed = packets + missed - self._missed, missed
        self._pace.note(arrived, self._clock())
        self._crowded = self._portion.always or self._pace.crowded
        self._resize(self._portion.queue if self._crowded else QUEUE)

    def _without_repetitions(self, packets: list[PacketReceived]) -> list[PacketReceived]:
        """Return the last of each, in the order of these: what was said last must be heard last."""
        last = list(dict.fromkeys(reversed(packets)))
        self._repeated += len(packets) - len(last)
        return last[::-1]

    def _resize(self, queue: int) -> None:
        if queue == self._queue:
            return
        self._queue = queue
        resize = self.socket.widen_queue if queue == QUEUE else self.socket.limit_queue
        resize(queue)

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            self._loop.watch(self.socket.fileno(), self._arrived)

    def _arrived(self) -> None:
        """Something can be read: say so, in a crowd after a pause."""
        self._note(0)
        if not self._crowded:
            self._wake()
            return
        self._watched = False
        self._loop.forget(self.socket.fileno())
        self._pause = self._loop.call_later(self._portion.next_pause(), self._end_pause)

    def _end_pause(self) -> None:
        self._pause = None
        self._due = True
        self._wake()
