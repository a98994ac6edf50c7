"""What the kernel says of the interfaces and addresses that matter to us.

A netlink socket that hears every change, read by us and parsed by pyroute2. It is drained by hand
right before each decision and not by a reader task: the kernel queues a notification before it
answers the request that caused it, so a drained view is never older than an answer. A lost
notification (ENOBUFS) is noticed and answered by a full dump.
"""

import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any, Final, Protocol

from sidecar.core.events import InterfaceState
from sidecar.core.params import Vip
from sidecar.net.mark import is_ours, kernel_marks
from sidecar.net.netlink import MarshalRtnl

_GROUPS: Final = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
_SO_RCVBUFFORCE: Final = 33
_RECEIVE_BUFFER: Final = 1 << 20
"""Bytes for notifications that wait; beyond the host's limit, which NET_ADMIN may exceed."""
_IFF_UP_AND_RUNNING: Final = 0x1 | 0x40
_FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})
_SECONDARY: Final = 0x01
_UNUSABLE: Final = 0x08 | 0x40  # IFA_F_DADFAILED, IFA_F_TENTATIVE


class Dump(Protocol):
    """Where a full picture comes from; pyroute2's AsyncIPRoute."""

    async def link(self, command: str, /) -> Any:
        """Return an asynchronous iterator over all links."""

    async def addr(self, command: str, /) -> Any:
        """Return an asynchronous iterator over all addresses."""


@dataclass(frozen=True, slots=True)
class Held:
    """One address of the kernel."""

    interface: Vip
    flags: int
    ours: bool


@dataclass(slots=True)
class _Link:
    name: str
    up: bool
    mac: bytes
    addresses: dict[Vip, Held] = field(default_factory=dict)


class KernelView:
    """Links and addresses by interface index. `generation` grows with every change."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError."""
        self._links: dict[int, _Link] = {}
        self._marks = kernel_marks()
        self._marshal = MarshalRtnl()
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
        return next((index for index, link in self._links.items() if link.name == interface), None)

    def state(self, interface: str, vips: Iterable[Vip]) -> InterfaceState | None:
        """Return the state of an interface. VIPs are no source addresses, whoever holds them."""
        index = self.index(interface)
        if index is None:
            return None
        link = self._links[index]
        excluded = {vip.ip for vip in vips}
        usable = [
            held
            for held in link.addresses.values()
            if not held.ours and not held.flags & _UNUSABLE and held.interface.ip not in excluded
        ]
        usable.sort(key=lambda held: held.flags & _SECONDARY)
        return InterfaceState(index, link.up, link.mac, tuple(held.interface.ip for held in usable))

    def holds(self, interface: str, vips: Iterable[Vip]) -> tuple[frozenset[Vip], frozenset[Vip]]:
        """Return which VIPs the kernel has: ours on this interface, and anybody else's anywhere."""
        wanted = {vip.ip: vip for vip in vips}
        owned: set[Vip] = set()
        foreign: set[Vip] = set()
        for link in self._links.values():
            for held in link.addresses.values():
                if held.interface.ip not in wanted:
                    continue
                (owned if held.ours and link.name == interface else foreign).add(held.interface)
        return frozenset(owned), frozenset(foreign)

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

    def _put_address(self, message: Any) -> None:
        link = self._links.get(message["index"])
        if link is None:
            return
        held = self._held(message)
        if message["event"] == "RTM_NEWADDR":
            link.addresses[held.interface] = held
        else:
            link.addresses.pop(held.interface, None)

    def _put_link(self, message: Any) -> None:
        known = self._links.get(message["index"])
        mac = message.get_attr("IFLA_ADDRESS") or ""
        link = _Link(
            name=message.get_attr("IFLA_IFNAME") or (known.name if known is not None else ""),
            up=message["flags"] & _IFF_UP_AND_RUNNING == _IFF_UP_AND_RUNNING,
            mac=bytes.fromhex(mac.replace(":", "")),
        )
        if known is not None:
            link.addresses = known.addresses
        self._links[message["index"]] = link

    def _held(self, message: Any) -> Held:
        address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
        flags = message.get_attr("IFA_FLAGS") or message["flags"]
        ours = is_ours(message.get_attr("IFA_PROTO"), flags, marks=self._marks)
        return Held(ip_interface(f"{address}/{message['prefixlen']}"), flags, ours)
