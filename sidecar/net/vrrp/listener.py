"""Packets of one interface and family: those that may matter are read at once, others at leisure.

Every packet goes to one of several queues (packet_filter.py), and no queue can fill another one:

- one for each sender that a router depends on: the master that it follows, its unicast peers, everybody
  who has signed. However much others send, its adverts are heard;
- one for adverts of anybody else that could move a router, and one for those of lower priority. In a crowd a
  bounded number of them is read (pace.py), the kernel drops the rest and we read how much;
- one for what no router here could accept: some is read, so that people learn the reason.

So a flood costs no more than a bounded number of packets a second, whatever it is made of. While a
router follows nobody, as after its start, every advert may be that of its master: then all of them are read.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from itertools import chain, islice
from math import inf
from typing import Final

from sidecar.core.actions import PrioritizeSenders
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Drop
from sidecar.event_loop import EventLoop, Timer
from sidecar.net.vrrp.pace import LESSER, REFUSED, URGENT, WHOLE
from sidecar.net.vrrp.paced_socket import PacedSocket
from sidecar.net.vrrp.packet_filter import filters
from sidecar.net.vrrp.sender_queues import SenderQueues
from sidecar.net.vrrp.vrrp_socket import VrrpSocket

SENDERS: Final = 8
"""Senders with a queue of their own at most: each is one filter more that every packet passes."""
REFIT: Final = 0.1
"""Seconds between two changes of the filters at least: a flood of adverts that are obeyed names a new
master with each of them."""
TWINS: Final = 0.05
"""Seconds for which the second copy of a packet is left out that arrived in two queues during a change."""
_IPV6: Final = 6
_PRIORITY: Final = 2
"""Offset of the priority in a VRRP packet (RFC 9568 section 5.2)."""


class VrrpListener:
    """Hears for routers of one interface and family. `wake` is called when `receive` has something.

    `trouble` gets why the queues could not be adapted: then everything is heard as before.
    """

    def __init__(
        self,
        interface: str,
        index: int,
        routers: Sequence[RouterParams],
        loop: EventLoop,
        clock: Callable[[], float],
        wake: Callable[[], None],
        trouble: Callable[[str], None],
    ) -> None:
        """Open the sockets. Raises OSError (EPERM without NET_RAW, ENODEV)."""
        self._routers = {router.name: router for router in routers}
        self._family = routers[0].family
        self._multicast = any(router.unicast is None for router in routers)
        self.pending = False
        """Whether `receive` has something, or may have it in a crowd."""
        self._loop = loop
        self._clock = clock
        self._wake_daemon = wake
        self._trouble = trouble
        self._wanted: dict[str, PrioritizeSenders] = {}
        self._floors: Mapping[int, int] = {}
        self._all_until = -inf
        self._senders = SenderQueues(interface, index, self._family, loop, clock, self._wake)
        self._refitted_at = -inf
        self._refit_later: Timer | None = None
        self._early: list[PacketReceived] = []
        self._twins: set[PacketReceived] = set()
        self._twins_until = -inf
        self._corrupt = 0
        self._flooded = 0
        with ExitStack() as undo:
            self._urgent, self._lesser, self._refused = self._others = tuple(
                undo.enter_context(
                    closing(PacedSocket(interface, index, self._family, portion, loop, clock, self._wake))
                )
                for portion in (URGENT, LESSER, REFUSED)
            )
            programs = filters(routers, self._family)
            for each, program in zip(
                self._others, (programs.urgent, programs.lesser, programs.refused), strict=True
            ):
                each.socket.listen(program, multicast=self._multicast)
            # A peer that uses multicast where we use unicast must be told of. Without it nothing is lost.
            if not self._multicast:
                with suppress(OSError):
                    self._refused.socket.join()
            undo.pop_all()

    @property
    def sending_socket(self) -> VrrpSocket:
        """A socket to send by, on the same interface."""
        return self._urgent.socket

    def prioritize(self, wanted: PrioritizeSenders) -> None:
        """Give the senders that a router depends on queues of their own, at once or a little later."""
        self._wanted[wanted.router] = wanted
        self._all_until = max(each.all_until for each in self._wanted.values())
        wait = self._refitted_at + REFIT - self._clock()
        if self._refit_later is not None:
            return
        if wait <= 0:
            self._refit()
        else:
            self._refit_later = self._loop.call_later(wait, self._refit)

    def exchange(self, routers: Sequence[RouterParams], names: Mapping[str, str]) -> None:
        """Hear for these routers from now on, without a gap for those that stay.

        `names`: those of routers that stay, by their present ones. Raises OSError: then it may hear too much
        or too little, and must be closed.
        """
        self._routers = {router.name: router for router in routers}
        kept = ((names.get(name), wanted) for name, wanted in self._wanted.items())
        self._wanted = {
            name: replace(wanted, router=name)
            for name, wanted in kept
            if name is not None and name in self._routers
        }
        self._all_until = max((each.all_until for each in self._wanted.values()), default=-inf)
        multicast = any(router.unicast is None for router in routers)
        if multicast:
            self._set_member(on=True)
        self._multicast = multicast
        senders, floors = self._wanted_now()
        self._fit(senders, floors)
        if not multicast:
            self._set_member(on=False)

    def _set_member(self, *, on: bool) -> None:
        """Have all queues be in the group, or only that of what is refused: see the constructor."""
        for each in self._others:
            if on or each is not self._refused:
                each.socket.set_member(on=on)
        self._senders.set_member(on=on)

    def receive(self) -> list[PacketReceived]:
        """Return what may be heard now, and what matters most at the end: of two words the last counts."""
        now = self._clock()
        portion = WHOLE if now < self._all_until else None
        depended = [*self._early, *self._senders.read()]
        self._early.clear()
        urgent, lesser = self._urgent.read(portion), self._lesser.read(portion)
        # A sender that nobody follows yet may have resigned after its last advert, which is in another queue.
        resigned = [packet for packet in lesser if _resigns(packet)]
        packets = [*(packet for packet in lesser if not _resigns(packet)), *urgent, *resigned]
        if self._twins:
            packets = [packet for packet in packets if packet not in self._twins]
            if now >= self._twins_until:
                self._twins.clear()
        waiting = (self._urgent.waits_out, self._lesser.waits_out, self._senders.wait_out)
        self.pending = bool(self._twins) or any(waiting)
        return [*packets, *depended, *self._refused.read()]

    def unread(self) -> dict[Drop, int]:
        """Return how many packets were thrown away unread since the last call, and why."""
        missed = [each.socket.unread() for each in self._others]
        corrupt = self._count_corrupt(missed)
        # They were not asked at the same moment: what one has counted, the other may have next time.
        flooded = sum(missed) - len(missed) * corrupt + self._senders.missed(corrupt)
        flooded = max(self._flooded, flooded)
        repeated = sum(each.take_repeated() for each in self._others) + self._senders.take_repeated()
        news = {
            Drop.CHECKSUM: corrupt - self._corrupt,
            Drop.FLOOD: flooded - self._flooded,
            Drop.REPEATED: repeated,
        }
        self._corrupt, self._flooded = corrupt, flooded
        return {reason: count for reason, count in news.items() if count}

    def close(self) -> None:
        """Close every socket."""
        if self._refit_later is not None:
            self._refit_later.cancel()
        self._senders.close()
        for each in self._others:
            each.close()

    def _wake(self) -> None:
        self.pending = True
        self._wake_daemon()

    def _count_corrupt(self, missed: Sequence[int]) -> int:
        """Return how many IPv6 checksums were wrong: the kernel looks first, so all sockets miss these."""
        return min(missed) if self._family == _IPV6 else 0

    def _refit(self) -> None:
        """Give the queues the filters for what is wanted now."""
        self._refit_later, self._refitted_at = None, self._clock()
        senders, floors = self._wanted_now()
        if frozenset(senders) == self._senders.senders and floors == self._floors:
            return
        try:
            self._fit(senders, floors)
        except OSError as refused:
            self._trouble(f"a queue for each of {', '.join(map(str, senders))}: {refused}")

    def _wanted_now(self) -> tuple[tuple[Address, ...], dict[int, int]]:
        """Return the senders that get a queue of their own, and the floors by VRID."""
        wanted = self._wanted.values()
        senders = tuple(islice(dict.fromkeys(chain.from_iterable(w.senders for w in wanted)), SENDERS))
        return senders, {self._routers[each.router].vrid: each.floor for each in wanted}

    def _fit(self, senders: tuple[Address, ...], floors: Mapping[int, int]) -> None:
        """Give every queue its filter. Raises OSError."""
        programs = filters(self._routers.values(), self._family, senders, floors)
        corrupt = self._count_corrupt([each.socket.unread() for each in self._others])
        # In this order a packet of a sender that arrives meanwhile may be in two queues, and never in none.
        # That of somebody else may be lost while the floor of its router changes, as any packet may.
        opened = self._senders.set_filters(senders, programs.senders, corrupt, multicast=self._multicast)
        for each, program in zip(
            self._others, (programs.urgent, programs.lesser, programs.refused), strict=True
        ):
            each.socket.filter(program)
        self._floors = floors
        doubtful = self._senders.read(opened)
        doubtful += self._senders.drain(senders, corrupt)
        if doubtful:
            self._early += doubtful
            self._twins.update(doubtful)
            self._twins_until = self._clock() + TWINS
            self._wake()


def _resigns(packet: PacketReceived) -> bool:
    """Return whether the priority is 0. The filter has seen that there is a whole header."""
    return packet.payload[_PRIORITY] == 0
