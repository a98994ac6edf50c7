"""Adds, renews and removes addresses: all VIPs of a router in one write, in a thread.

The kernel does the work inside the system call that sends the request, and waits there for a lock that
others may hold for 50 ms and longer. So a thread with a blocking socket of its own sends them, one router
after the other. A message for each VIP is made once; a renewal changes its sequence number alone. The
kernel answers each message, and the answers are matched by that number.
"""

import socket
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final

from sidecar.core.address import Vip
from sidecar.net.kernel.attributes import attribute, nested
from sidecar.net.kernel.link_socket import LinkSocket
from sidecar.net.ownership import PROTO
from sidecar.net.worker import Worker

_HEADER: Final = struct.Struct("=IHHII")
_SEQUENCE: Final = struct.Struct("=I")
_SEQUENCE_AT: Final = 8
_ADDRESS: Final = struct.Struct("=BBBBI")
_LIFETIMES: Final = struct.Struct("=4I")
_NUMBER: Final = struct.Struct("=I")
_CODE: Final = struct.Struct("=i")
_NEW_ADDRESS, _DEL_ADDRESS, _ERROR = 20, 21, 2
_REQUEST: Final = 0x01 | 0x04  # with acknowledgement
_EXCLUSIVE: Final = 0x200 | 0x400  # NLM_F_EXCL, NLM_F_CREATE
_REPLACE: Final = 0x100 | 0x400  # NLM_F_REPLACE, NLM_F_CREATE
_IFA_ADDRESS, _IFA_LOCAL, _IFA_CACHEINFO, _IFA_FLAGS, _IFA_RT_PRIORITY, _IFA_PROTO = 1, 2, 6, 8, 9, 11
_NOPREFIXROUTE: Final = 0x200
_NODAD: Final = 0x02
_IPV6: Final = 6
_SOL_NETLINK, _CAP_ACK = 270, 10
_SO_RCVBUFFORCE: Final = 33
_ANSWERS: Final = 1 << 20
"""Bytes of answers that may wait: those for all VIPs of a router, some 800 each."""
_TIMEOUT: Final = 5.0
"""Seconds to wait for an answer, which is there when the request has been sent."""
_AF_SPEC, _AF_INET, _INET_CONF, _PROMOTE_SECONDARIES = 26, 2, 1, 20

Clock = Callable[[], float]


class TooLateError(Exception):
    """The time of a request was over before it could be sent: by `late` seconds."""

    def __init__(self, late: float) -> None:
        super().__init__(f"{late:.2f} s too late")
        self.late = late


@dataclass(frozen=True, slots=True)
class Place:
    """An address on the interface of an index. `promote`: removing it would remove secondaries of it."""

    index: int
    address: Vip
    promote: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """VIPs of a router to put on an interface, for `seconds`, with a scope. `known` are there already.

    `record` is kept with each as its metric, which without a prefix route means nothing to the kernel.
    """

    index: int
    vips: tuple[Vip, ...]
    known: frozenset[Vip]
    seconds: int
    scope: int
    record: int = 0


class AddressWriter:
    """Every method answers when the kernel has. A request that is given up is still carried out, in order."""

    def __init__(
        self, clock: Clock, worker: Worker, waits: Callable[[], bool], opened: Callable[[int], None]
    ) -> None:
        """`opened` gets the port of the socket that asks, in the worker's thread."""
        self._clock = clock
        self._opened = opened
        self._waits = waits
        self._worker = worker
        self._socket: _RequestSocket | None = None
        self._prepared: dict[Lease, list[bytearray]] = {}

    async def hold(self, lease: Lease, not_after: float) -> list[int]:
        """Add or renew. Return an error code or 0 for each VIP. Raises TooLateError, OSError.

        Nobody is woken when all were renewed: nothing follows from that, unless a command `waits`.
        """
        renewal = lease.known.issuperset(lease.vips)
        return await self._worker.run(
            partial(self._hold, lease, not_after), self._renewed if renewal else None
        )

    def _renewed(self, codes: list[int]) -> bool:
        return not any(codes) and not self._waits()

    async def remove(self, places: Sequence[Place]) -> list[int]:
        """Remove addresses and no other with them. Return an error code or 0 for each. Raises OSError."""
        if not places:
            return []
        return await self._worker.run(partial(self._remove, places))

    def forget(self) -> None:
        """Nothing that was prepared is used again: there are other routers."""
        self._worker.submit(self._prepared.clear)

    async def settle(self) -> None:
        """Return once all that is under way was carried out, also what nobody waits for any more."""
        await self._worker.settle()

    def close(self) -> None:
        """Close the socket after all that is under way, and wait for nothing."""
        self._worker.submit(self._close)

    def _hold(self, lease: Lease, not_after: float) -> list[int]:
        messages = self._prepared.get(lease)
        if messages is None:
            # A router has two of them: to add, and to renew. Each priority that it has had makes another one.
            if len(self._prepared) >= _PREPARED:
                self._prepared.clear()
            messages = self._prepared[lease] = [_addition(lease, vip) for vip in lease.vips]
        late = self._clock() - not_after
        if late > 0:
            raise TooLateError(late)
        return self._requests.ask(messages)

    def _remove(self, places: Sequence[Place]) -> list[int]:
        promoting = {place.index for place in places if place.promote}
        with suppress(OSError):  # then the kernel may refuse, too, what follows
            promote_secondaries(promoting, on=True)
        try:
            return self._requests.ask([_removal(place) for place in places])
        finally:
            with suppress(OSError):
                promote_secondaries(promoting, on=False)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    @property
    def _requests(self) -> "_RequestSocket":
        """The socket, in the thread."""
        if self._socket is None:
            self._socket = _RequestSocket()
            self._opened(self._socket.port)
        return self._socket


_PREPARED: Final = 1024
"""Prepared requests kept: more than 255 routers need."""


class _RequestSocket:
    """Sends requests and waits for all answers. For one thread."""

    def __init__(self) -> None:
        """Open it. Raises OSError."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        with suppress(PermissionError):
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ANSWERS)
        self._socket.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
        self._socket.settimeout(_TIMEOUT)
        self._socket.bind((0, 0))
        self.port: int = self._socket.getsockname()[0]
        self._sequence = count(1)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def ask(self, messages: Sequence[bytearray]) -> list[int]:
        """Send all in one write. Return the error code of each, 0 if there is none. Raises OSError."""
        waiting: dict[int, int] = {}
        for position, message in enumerate(messages):
            number = next(self._sequence) % (1 << 32)
            _SEQUENCE.pack_into(message, _SEQUENCE_AT, number)
            waiting[number] = position
        codes = [0] * len(messages)
        self._socket.send(b"".join(messages))
        while waiting:
            answer = self._socket.recv(1 << 16)
            for number, code in _answers(answer):
                position = waiting.pop(number, -1)
                # Answers to an earlier request that nobody has waited for are passed by.
                if position >= 0:
                    codes[position] = code
        return codes


def _answers(data: bytes) -> Iterable[tuple[int, int]]:
    """Yield sequence number and error code of each acknowledgement."""
    at = 0
    while at + _HEADER.size <= len(data):
        size, kind, _, number, _ = _HEADER.unpack_from(data, at)
        if kind == _ERROR:
            yield number, -_CODE.unpack_from(data, at + _HEADER.size)[0]
        at += max(size + -size % 4, _HEADER.size)


def _addition(lease: Lease, vip: Vip) -> bytearray:
    ipv6 = vip.version == _IPV6
    flags = _NOPREFIXROUTE | (_NODAD if ipv6 else 0)
    lifetimes = _LIFETIMES.pack(0 if ipv6 else lease.seconds, lease.seconds, 0, 0)
    more = (
        attribute(_IFA_FLAGS, _NUMBER.pack(flags))
        + attribute(_IFA_CACHEINFO, lifetimes)
        + attribute(_IFA_PROTO, bytes((PROTO,)))
    )
    if lease.record:
        more += attribute(_IFA_RT_PRIORITY, _NUMBER.pack(lease.record))
    how = _REPLACE if vip in lease.known else _EXCLUSIVE
    return _message(_NEW_ADDRESS, how, lease.index, vip, vip.max_prefixlen, lease.scope, more)


def _removal(place: Place) -> bytearray:
    return _message(_DEL_ADDRESS, 0, place.index, place.address, place.address.network.prefixlen, 0)


def _message(
    kind: int, how: int, index: int, address: Vip, length: int, scope: int, more: bytes = b""
) -> bytearray:
    family = socket.AF_INET6 if address.version == _IPV6 else socket.AF_INET
    packed = address.ip.packed
    body = _ADDRESS.pack(family, length, 0, scope, index)
    body += attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed) + more
    return bytearray(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | how, 0, 0) + body)


def promote_secondaries(indexes: Collection[int], *, on: bool) -> None:
    """Let the kernel keep the secondaries of an address that is removed: a setting of the interface."""
    if not indexes:
        return
    value = attribute(_PROMOTE_SECONDARIES, _NUMBER.pack(int(on)))
    links = LinkSocket()
    try:
        for index in indexes:
            links.change(index, nested(_AF_SPEC, nested(_AF_INET, nested(_INET_CONF, value))))
    finally:
        links.close()
