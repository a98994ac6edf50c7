"""Adds, renews and removes addresses: all VIPs of a router, and of several, in one write, in a thread.

The kernel does the work inside the system call that sends the request, and waits there for a lock that
others may hold for 50 ms and longer. So a thread with a blocking socket of its own sends them.
A message for each VIP is made once; a renewal changes its sequence number alone. The
kernel answers each message, and the answers are matched by that number.
"""

import socket
import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from sidecar.core.address import Vip
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.request_socket import RequestSocket
from sidecar.net.kernel.attributes import attribute, nested
from sidecar.net.kernel.link_socket import LinkSocket
from sidecar.net.ownership import PROTO
from sidecar.net.task import Resume, Wait
from sidecar.net.worker import Worker

_HEADER: Final = struct.Struct("=IHHII")
_ADDRESS: Final = struct.Struct("=BBBBI")
_LIFETIMES: Final = struct.Struct("=4I")
_NUMBER: Final = struct.Struct("=I")
_NEW_ADDRESS, _DEL_ADDRESS = 20, 21
_REQUEST: Final = 0x01 | 0x04  # with acknowledgement
_EXCLUSIVE: Final = 0x200 | 0x400  # NLM_F_EXCL, NLM_F_CREATE
_REPLACE: Final = 0x100 | 0x400  # NLM_F_REPLACE, NLM_F_CREATE
_IFA_ADDRESS, _IFA_LOCAL, _IFA_CACHEINFO, _IFA_FLAGS, _IFA_RT_PRIORITY, _IFA_PROTO = 1, 2, 6, 8, 9, 11
_NOPREFIXROUTE: Final = 0x200
_NODAD: Final = 0x02
_IPV6: Final = 6
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


@dataclass(frozen=True, slots=True)
class _Hold:
    """A request that waits to be sent, at the latest at that time, and the way on from its answer."""

    lease: Lease
    not_after: float
    resume: Resume

    @property
    def renews(self) -> bool:
        """Whether all VIPs are there already."""
        return self.lease.known.issuperset(self.lease.vips)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a request has come to: codes, or why there are none."""

    hold: _Hold
    codes: list[int] | None
    error: BaseException | None = None

    @property
    def renewed(self) -> bool:
        """Whether nothing is new."""
        return self.codes is not None and not any(self.codes) and self.hold.renews


class AddressWriter:
    """Every method answers when the kernel has. A request that is given up is still carried out, in order.

    What several routers ask for in one turn of the loop is sent together: up to 512 addresses in a write.
    """

    def __init__(
        self,
        clock: Clock,
        loop: EventLoop,
        worker: Worker,
        waits: Callable[[], bool],
        opened: Callable[[int], None],
    ) -> None:
        """`opened` gets the port of the socket that asks, in the worker's thread.

        `waits` says, in any thread, whether a command waits for one that is under way.
        """
        self._clock = clock
        self._loop = loop
        self._opened = opened
        self._waits = waits
        self._worker = worker
        self._socket: RequestSocket | None = None
        self._prepared: dict[Lease, list[bytearray]] = {}
        self._begun: list[_Hold] = []
        """Requests of this turn of the loop."""

    async def hold(self, lease: Lease, not_after: float) -> list[int]:
        """Add or renew. Return an error code or 0 for each VIP. Raises TooLateError, OSError.

        Nobody is woken when all were renewed: nothing follows from that, unless a command `waits`.
        """
        return await Wait(partial(self._put, lease, not_after))

    async def remove(self, places: Sequence[Place]) -> list[int]:
        """Remove addresses and no other with them. Return an error code or 0 for each. Raises OSError."""
        if not places:
            return []
        self._send_begun()
        return await self._worker.run(partial(self._remove, places))

    def forget(self) -> None:
        """Nothing that was prepared is used again: there are other routers."""
        self._worker.submit(self._prepared.clear)

    async def settle(self) -> None:
        """Return once all that is under way was carried out, also what nobody waits for any more."""
        self._send_begun()
        await self._worker.settle()

    def close(self) -> None:
        """Close the socket after all that is under way, and wait for nothing."""
        self._worker.submit(self._close)

    def _put(self, lease: Lease, not_after: float, resume: Resume) -> None:
        if not self._begun:
            # The others that are begun in this turn of the loop come along.
            self._loop.call_soon(self._send_begun)
        self._begun.append(_Hold(lease, not_after, resume))

    def _send_begun(self) -> None:
        holds, self._begun = self._begun, []
        # Each write is answered by itself: the first routers do not wait for the VIPs of the last ones.
        for some in _together(holds):
            request = self._worker.run(partial(self._hold_all, some), self._nothing_new)
            request.begin(partial(self._answered, some))

    def _answered(
        self, holds: Sequence[_Hold], answers: list[_Answer] | None, error: BaseException | None
    ) -> None:
        """Go on, in the loop. No answers: the worker has refused all of it, because too much waits."""
        for answer in answers or (_Answer(hold, None, error) for hold in holds):
            answer.hold.resume(answer.codes, answer.error)

    # ---- in the thread

    def _nothing_new(self, answers: list[_Answer]) -> bool:
        return all(answer.renewed for answer in answers) and not self._waits()

    def _hold_all(self, some: Sequence[_Hold]) -> list[_Answer]:
        return list(self._hold(some))

    def _hold(self, some: Sequence[_Hold]) -> Iterator[_Answer]:
        """Send requests. Yield the way on of each with its codes, or with why it has none."""
        prepared = [(each, self._messages(each.lease)) for each in some]
        # Read last: to make the messages takes time, too.
        now = self._clock()
        for each in some:
            if now > each.not_after:
                yield _Answer(each, None, TooLateError(now - each.not_after))
        in_time = [each for each in some if now <= each.not_after]
        try:
            messages = [one for each, made in prepared if now <= each.not_after for one in made]
            codes = iter(self._requests.ask(messages))
        except Exception as raised:  # noqa: BLE001 - it is raised in the loop, where somebody waits for it
            yield from (_Answer(each, None, raised) for each in in_time)
        else:
            yield from (_Answer(each, list(islice(codes, len(each.lease.vips)))) for each in in_time)

    def _messages(self, lease: Lease) -> list[bytearray]:
        messages = self._prepared.get(lease)
        if messages is None:
            # A router has two of them: to add, and to renew. Each priority that it has had makes another one.
            if len(self._prepared) >= _PREPARED:
                self._prepared.clear()
            messages = self._prepared[lease] = [_addition(lease, vip) for vip in lease.vips]
        return messages

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
    def _requests(self) -> RequestSocket:
        """The socket, in the thread."""
        if self._socket is None:
            self._socket = RequestSocket()
            self._opened(self._socket.port)
        return self._socket


_TOGETHER: Final = 512
"""Addresses in one write: their answers fit. The kernel takes its lock anew for each of them."""
_PREPARED: Final = 1024
"""Prepared requests kept: more than 255 routers need."""


def _together(holds: Sequence[_Hold]) -> Iterator[Sequence[_Hold]]:
    """Yield what goes in one write, in order: some requests, or one that is greater than that."""
    some: list[_Hold] = []
    number = 0
    for hold in holds:
        if some and number + len(hold.lease.vips) > _TOGETHER:
            yield some
            some, number = [], 0
        some.append(hold)
        number += len(hold.lease.vips)
    if some:
        yield some


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
