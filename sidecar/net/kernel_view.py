"""What the kernel says of the interfaces and addresses that matter to us.

A netlink socket that hears every change, read by us and parsed by pyroute2. It is drained by hand
right before each decision and not by a reader task: the kernel queues a notification before it
answers the request that caused it, so a drained view is never older than an answer. A lost
notification (ENOBUFS) is noticed and answered by a full dump.
"""

import errno
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sidecar.core.events import InterfaceState
from sidecar.core.params import Vip
from sidecar.net.host_address import host_address
from sidecar.net.kernel_link import Held, Link, held_address
from sidecar.net.mark import kernel_marks
from sidecar.net.netlink import Notifications

_GROUPS: Final = 0x1 | 0x10 | 0x100 | 1 << 24  # links, IPv4 and IPv6 addresses, IPv6 settings of interfaces
_SO_RCVBUFFORCE: Final = 33
_RECEIVE_BUFFER: Final = 1 << 20
"""Bytes for notifications that wait; beyond the host's limit, which NET_ADMIN may exceed."""
_FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})


class Dump(Protocol):
    """Where a full picture comes from; pyroute2's AsyncIPRoute."""

    async def link(self, command: str, /) -> Any:
        """Return an asynchronous iterator over all links."""

    async def addr(self, command: str, /) -> Any:
        """Return an asynchronous iterator over all addresses."""


@dataclass(frozen=True, slots=True)
class Holds:
    """Where the VIPs of one router are.

    `owned` are ours and as they shall be. `duplicate` are owned ones that failed duplicate address
    detection: what we add skips it, so somebody has put them there anew. `foreign` are anybody else's
    on any interface. `strays` are ours with another prefix length or on another interface (named):
    left by an earlier life with another configuration.
    """

    owned: frozenset[Vip] = frozenset()
    foreign: frozenset[Vip] = frozenset()
    duplicate: frozenset[Vip] = frozenset()
    strays: frozenset[tuple[str, Vip]] = frozenset()


class KernelView:
    """Links and addresses by interface index. `generation` grows with every change."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError."""
        self._links: dict[int, Link] = {}
        self._marks = kernel_marks()
        self._marshal = Notifications()
        self._stale = True
        self.generation = 0
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
        self._socket.bind((0, _GROUPS))

    @property
    def stale(self) -> bool:
        """Whether notifications were lost, so that only a dump tells the truth."""
        return self._stale

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def catch_up(self) -> None:
        """Read every notification that has arrived. Never blocks."""
        while not self._stale:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._stale = True
                return
            for message in self._marshal.parse(data):
                self._apply(message)

    async def resync(self, dump: Dump) -> None:
        """Replace the view by a full dump, then apply what happened meanwhile."""
        self._stale = True
        self._discard()
        self._links.clear()
        async for message in await dump.link("dump"):
            self._apply(message)
        async for message in await dump.addr("dump"):
            self._apply(message)
        self._stale = False
        self.catch_up()

    def index(self, interface: str) -> int | None:
        """Return the index of an interface, None if there is none of this name."""
        link = self.link(interface)
        return None if link is None else link.index

    def link(self, interface: str) -> Link | None:
        """Return the interface of this name, None if there is none."""
        return next((link for link in self._links.values() if link.name == interface), None)

    def state(self, interface: str, vips: Iterable[Vip]) -> InterfaceState | None:
        """Return the state of an interface. VIPs are no source addresses, whoever holds them.

        Link-local addresses come first: VRRP over IPv6 is sent from one (RFC 9568 section 5.1.2.1).
        """
        link = self.link(interface)
        if link is None:
            return None
        excluded = {vip.ip for vip in vips}
        usable = [
            held
            for held in link.addresses.values()
            # Without marks, what is leased may be the host's own address, from DHCP or an IPv6 router.
            if not (held.ours and self._marks) and held.usable and held.interface.ip not in excluded
        ]
        usable.sort(key=lambda held: held.rank)
        addresses = tuple(held.interface.ip for held in usable)
        return InterfaceState(link.index, link.up, link.mac, addresses, link.forwarding)

    def holds(self, interface: str, vips: Iterable[Vip]) -> Holds:
        """Return which of the VIPs that belong on this interface the kernel has, and where."""
        wanted = {vip.ip: vip for vip in vips}
        owned: set[Vip] = set()
        foreign: set[Vip] = set()
        duplicate: set[Vip] = set()
        strays: set[tuple[str, Vip]] = set()
        for link, held in self._relevant(interface):
            vip = wanted.get(held.interface.ip)
            if vip is None:
                continue
            if not held.ours:
                foreign.add(held.interface)
            elif link.name != interface or held.interface != host_address(vip):
                strays.add((link.name, held.interface))
            else:
                owned.add(vip)
                if held.duplicate:
                    duplicate.add(vip)
        return Holds(frozenset(owned), frozenset(foreign), frozenset(duplicate), frozenset(strays))

    def _relevant(self, interface: str) -> Iterator[tuple[Link, Held]]:
        """Yield all addresses that are the same whether they are here or there."""
        here = self.link(interface)
        segment = None if here is None else here.segment
        for link in self._links.values():
            for held in link.addresses.values():
                if not held.of_one_link or link.segment == segment:
                    yield link, held

    def _discard(self) -> None:
        """Empty the socket: what is queued now is older than the dump that follows."""
        while True:
            try:
                self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def _apply(self, message: Any) -> None:
        self.generation += 1
        match message["event"]:
            case "RTM_NEWLINK":
                self._put_link(message)
            case "RTM_DELLINK" if not message.get("family"):
                self._links.pop(message["index"], None)
            case "RTM_NEWADDR" | "RTM_DELADDR" if message["family"] in _FAMILIES:
                self._put_address(message)
            case "RTM_NEWNETCONF" if message["rtgen_family"] == socket.AF_INET6:
                self._put_settings(message)

    def _put_address(self, message: Any) -> None:
        link = self._links.get(message["index"])
        if link is None:
            return
        held = held_address(message, marks=self._marks)
        if message["event"] == "RTM_NEWADDR":
            link.addresses[held.interface] = held
        else:
            link.addresses.pop(held.interface, None)

    def _put_settings(self, message: Any) -> None:
        link = self._links.get(message.get_attr("NETCONFA_IFINDEX"))
        forwarding = message.get_attr("NETCONFA_FORWARDING")
        if link is not None and forwarding is not None:
            link.forwarding = bool(forwarding)

    def _put_link(self, message: Any) -> None:
        index = message["index"]
        self._links.setdefault(index, Link(index, segment=index)).take(message)
