"""What is heard on one interface in one family: at once what may matter, at leisure what does not.

The filter refuses for the kernel's price what no router here could accept. A second socket with the
inverse filter and a short queue lets the core look at some of it, so that people learn the reason;
the rest the kernel throws away unread, and we read how much. So a flood costs no more than a LAN
with many other virtual routers on it.

A flood of what passes the filter must be read, because the master's own adverts are among it. Then
packets wait a little (pace.py), and of those that are the same in all only the last is heard: said
twice in one moment is said once.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from typing import Final

from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.vrrp import Drop
from sidecar.net.pace import PAUSE, Pace
from sidecar.net.packet_filter import filters
from sidecar.net.vrrp_socket import VrrpSocket

BATCH: Final = 1024
"""Packets read at most in one go. More than the queue holds, so that after a stall everything that
waited is heard, and still an end to it under a flood."""
_WANTED_QUEUE: Final = 262144
"""Bytes of the queue of wanted packets: some 630, which the core hears in about 15 ms."""
REFUSED_BATCH: Final = 16
"""Refused packets read at most in one go."""
REFUSED_PAUSE: Final = 0.05
"""Seconds from the arrival of a refused packet to the next reading of them."""
_REFUSED_QUEUE: Final = 65536
"""Bytes of the queue of refused packets: room for a burst of fifty at least."""
_IPV6: Final = 6


class Listener:
    """Hears for routers of one interface and family. `wake` is called when `receive` has something."""

    def __init__(
        self, interface: str, index: int, routers: Sequence[RouterParams], wake: Callable[[], None]
    ) -> None:
        """Open both sockets. Raises OSError (EPERM without NET_RAW, ENODEV)."""
        self._family = routers[0].family
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        with ExitStack() as undo:
            self._wanted = undo.enter_context(closing(VrrpSocket(interface, index, self._family)))
            self._refused = undo.enter_context(closing(VrrpSocket(interface, index, self._family)))
            self._wanted.widen_queue(_WANTED_QUEUE)
            self._refused.limit_queue(_REFUSED_QUEUE)
            programs = filters(routers, self._family)
            multicast = any(router.unicast is None for router in routers)
            self._wanted.listen(programs.wanted, multicast=multicast)
            self._refused.listen(programs.refused, multicast=multicast)
            # A peer that uses multicast where we use unicast must be told of. Without it nothing is lost.
            if not multicast:
                with suppress(OSError):
                    self._refused.join()
            undo.pop_all()
        self._look_at_refused = False
        self._pause: asyncio.TimerHandle | None = None
        self._pace = Pace()
        self._breath: asyncio.TimerHandle | None = None
        self._repeated = 0
        self._corrupt = 0
        self._flooded = 0
        self._loop.add_reader(self._wanted.fileno(), self._let_wanted_in)
        self._await_refused()

    @property
    def voice(self) -> VrrpSocket:
        """A socket to send by, on the same interface."""
        return self._wanted

    def receive(self) -> list[PacketReceived]:
        """Return all packets that passed the filter, then some that did not if it is time for them."""
        packets = self._wanted.receive(BATCH)
        self._pace.note(len(packets), self._loop.time())
        if self._pace.crowded:
            packets = self._without_repetitions(packets)
        if self._look_at_refused:
            packets += self._refused.receive(REFUSED_BATCH)
            self._await_refused()
        return packets

    def unread(self) -> dict[Drop, int]:
        """Return how many packets were thrown away unread since the last call, and why.

        The kernel verifies IPv6 checksums before any filter, so a wrong one is missed by both sockets alike.
        """
        missed = self._wanted.unread(), self._refused.unread()
        corrupt = min(missed) if self._family == _IPV6 else 0
        # The two were not asked at the same moment: what one has counted, the other may have next time.
        flooded = max(self._flooded, sum(missed) - 2 * corrupt)
        news = {
            Drop.CHECKSUM: corrupt - self._corrupt,
            Drop.FLOOD: flooded - self._flooded,
            Drop.REPEATED: self._repeated,
        }
        self._corrupt, self._flooded, self._repeated = corrupt, flooded, 0
        return {reason: count for reason, count in news.items() if count}

    def close(self) -> None:
        """Close both sockets."""
        for waiting in (self._pause, self._breath):
            if waiting is not None:
                waiting.cancel()
        for each in (self._wanted, self._refused):
            self._loop.remove_reader(each.fileno())
            each.close()

    def _without_repetitions(self, packets: list[PacketReceived]) -> list[PacketReceived]:
        """Return the last of each, in the order of these: what was said last must be heard last."""
        last = list(dict.fromkeys(reversed(packets)))
        self._repeated += len(packets) - len(last)
        return last[::-1]

    def _let_wanted_in(self) -> None:
        if not self._pace.crowded:
            self._wake()
            return
        self._loop.remove_reader(self._wanted.fileno())
        self._breath = self._loop.call_later(PAUSE, self._end_breath)

    def _end_breath(self) -> None:
        self._loop.add_reader(self._wanted.fileno(), self._let_wanted_in)
        self._wake()

    def _await_refused(self) -> None:
        self._look_at_refused = False
        self._loop.add_reader(self._refused.fileno(), self._let_refused_wait)

    def _let_refused_wait(self) -> None:
        self._loop.remove_reader(self._refused.fileno())
        self._pause = self._loop.call_later(REFUSED_PAUSE, self._end_pause)

    def _end_pause(self) -> None:
        self._look_at_refused = True
        self._wake()
