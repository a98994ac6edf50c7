"""A queue for each sender that a router depends on, which nobody else can fill."""

from collections.abc import Callable, Sequence

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.event_loop import EventLoop
from sidecar.net.vrrp.pace import WHOLE
from sidecar.net.vrrp.paced_socket import PacedSocket


class SenderQueues:
    """The queues of one interface and family by their senders."""

    def __init__(
        self,
        interface: str,
        index: int,
        family: int,
        loop: EventLoop,
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self._interface = interface
        self._index = index
        self._family = family
        self._loop = loop
        self._clock = clock
        self._wake = wake
        self._queues: dict[Address, PacedSocket] = {}
        self._corrupt_before: dict[Address, int] = {}
        self._missed_by_closed = 0

    @property
    def senders(self) -> frozenset[Address]:
        """The senders that have queues."""
        return frozenset(self._queues)

    @property
    def wait_out(self) -> bool:
        """Whether any queue waits out a pause because of a crowd."""
        return any(queue.waits_out for queue in self._queues.values())

    def set_filters(
        self, senders: Sequence[Address], programs: Sequence[bytes], corrupt: int, *, multicast: bool
    ) -> list[Address]:
        """Let these senders be heard by queues of their own; return those that had none.

        Queues of others stay: `drain` closes them. `corrupt`: wrong IPv6 checksums until now. Raises OSError,
        and has opened no queue then.
        """
        opened: list[Address] = []
        try:
            for sender, program in zip(senders, programs, strict=True):
                if sender in self._queues:
                    self._queues[sender].socket.filter(program)
                    continue
                self._queues[sender] = PacedSocket(
                    self._interface, self._index, self._family, WHOLE, self._loop, self._clock, self._wake
                )
                self._corrupt_before[sender] = corrupt
                opened.append(sender)
                self._queues[sender].socket.listen(program, multicast=multicast)
        except OSError:
            for sender in opened:
                self._close(sender, corrupt)
            raise
        return opened

    def set_member(self, *, on: bool) -> None:
        """Hear what is sent to the group, or no more. Raises OSError."""
        for queue in self._queues.values():
            queue.socket.set_member(on=on)

    def drain(self, senders: Sequence[Address], corrupt: int) -> list[PacketReceived]:
        """Close the queues of all but these. Return what waited there."""
        packets: list[PacketReceived] = []
        for sender in tuple(self._queues):
            if sender not in senders:
                packets += self._queues[sender].read()
                self._close(sender, corrupt)
        return packets

    def read(self, senders: Sequence[Address] | None = None) -> list[PacketReceived]:
        """Return what these senders have said, None: all."""
        wanted = self._queues if senders is None else senders
        return [packet for sender in wanted for packet in self._queues[sender].read()]

    def missed(self, corrupt: int) -> int:
        """Return how many packets there was no room for, given all wrong IPv6 checksums."""
        return self._missed_by_closed + sum(self._missed(sender, corrupt) for sender in self._queues)

    def take_repeated(self) -> int:
        """Return how many packets were left out as repetitions since the last call."""
        return sum(queue.take_repeated() for queue in self._queues.values())

    def close(self) -> None:
        """Close every queue."""
        for sender in tuple(self._queues):
            self._close(sender, 0)

    def _missed(self, sender: Address, corrupt: int) -> int:
        return max(0, self._queues[sender].socket.unread() - corrupt + self._corrupt_before[sender])

    def _close(self, sender: Address, corrupt: int) -> None:
        self._missed_by_closed += self._missed(sender, corrupt)
        self._corrupt_before.pop(sender)
        self._queues.pop(sender).close()
