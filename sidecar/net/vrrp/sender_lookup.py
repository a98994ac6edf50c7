"""Which machine an unexpected master is: the Ethernet source of the packets from its IP address.

VRRP packets arrive without it on our sockets. A packet socket sees it, but also costs every packet
of the interface a filter: so there is one only while somebody is searched for.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from sidecar import bpf
from sidecar.bpf import Line
from sidecar.core.actions import Identify
from sidecar.core.address import Address
from sidecar.core.events import SenderIdentified
from sidecar.core.wire.advert import PROTOCOL
from sidecar.event_loop import EventLoop, Timer
from sidecar.net.worker import Worker

MOST: Final = 4
"""Searches at a time."""

_ETHERTYPES: Final = {4: 0x0800, 6: 0x86DD}
_PROTOCOL_AT: Final = {4: 9, 6: 6}
_SOURCE_AT: Final = {4: 12, 6: 8}

_Key = tuple[str, Address]


@dataclass(frozen=True, slots=True)
class _Search:
    """A search under way, and the routers that wait for its answer."""

    packets: socket.socket
    timeout: Timer
    routers: set[str]


class SenderLookups:
    """All searches under way. Every command is answered once, by `post`."""

    def __init__(self, loop: EventLoop, closer: Worker, post: Callable[[SenderIdentified], None]) -> None:
        self._loop = loop
        self._closer = closer
        self._post = post
        self._searches: dict[_Key, _Search] = {}

    def start(self, command: Identify) -> None:
        """Search, or join the search for the same sender. Where that is impossible, the answer is None."""
        key = command.interface, command.source
        if key not in self._searches and not self._begin(key, command.seconds):
            self._post(SenderIdentified(command.router, command.source, None))
            return
        self._searches[key].routers.add(command.router)

    def close(self) -> None:
        """End every search, unanswered."""
        for key in tuple(self._searches):
            self._close(key)

    def _begin(self, key: _Key, seconds: float) -> bool:
        if len(self._searches) >= MOST:
            return False
        try:
            packets = socket.socket(
                socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
            )
        except OSError:
            return False
        try:
            _listen(packets, *key)
        except OSError:
            self._retire(packets)
            return False
        timeout = self._loop.call_later(seconds, partial(self._end, key, None))
        self._searches[key] = _Search(packets, timeout, set())
        self._loop.watch(packets.fileno(), partial(self._look, key))
        return True

    def _look(self, key: _Key) -> None:
        try:
            _, (*_, mac) = self._searches[key].packets.recvfrom(1)
        except BlockingIOError:
            return
        except OSError:
            mac = None
        self._end(key, mac)

    def _end(self, key: _Key, mac: bytes | None) -> None:
        for router in self._close(key).routers:
            self._post(SenderIdentified(router, key[1], mac))

    def _close(self, key: _Key) -> _Search:
        search = self._searches.pop(key)
        search.timeout.cancel()
        self._loop.forget(search.packets.fileno())
        self._retire(search.packets)
        return search

    def _retire(self, packets: socket.socket) -> None:
        """Close a socket by a worker: the kernel waits until no processor handles a packet, up to 30 ms."""
        self._closer.submit(packets.close)


def _listen(packets: socket.socket, interface: str, source: Address) -> None:
    """Hear the VRRP packets that come from this address. Raises OSError.

    The socket is bound last, so that nothing slips in before the filter, and to one protocol, so that
    it hears nothing that leaves the host.
    """
    bpf.attach(packets, bpf.assemble(_from(source)))
    packets.bind((interface, _ETHERTYPES[source.version]))


def _from(source: Address) -> Iterator[Line]:
    """Yield the filter. A packet socket receives from the IP header on here."""
    yield from (bpf.byte(_PROTOCOL_AT[source.version]), bpf.unless_equal(PROTOCOL, "drop"))
    yield from bpf.unless_words(_SOURCE_AT[source.version], source.packed, "drop")
    yield from (bpf.ACCEPT, "drop", bpf.DROP)
