"""Whether this host reaches the subnets of its VIPs directly, by the interface of their router.

An address of the subnet on that interface is enough, or a route without a gateway. The kernel tells no
one of routes unless all of them are listened to, and a router of the internet has a million: it is asked
for one neighbour of the VIP, which takes no lock and some 20 µs.
"""

import errno
import socket
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import islice
from typing import Final

from sidecar.core.address import Address, Vip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.rtnetlink import HEADER, SIGNED, attributes

PATIENCE: Final = 1.0
"""Seconds for which an address of the subnet counts although no route follows from it: whoever manages
both adds one after the other."""

_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_NEW_ROUTE: Final = 24
_GET_ROUTE: Final = 26
_REQUEST: Final = 0x01
_MAX_SEQUENCE: Final = (1 << 32) - 1
_FIB_MATCH: Final = 0x2000  # RTM_F_FIB_MATCH, kernel 4.13 and later
_DESTINATION, _OUT, _GATEWAY, _MULTIPATH, _VIA = 1, 4, 5, 9, 18
_HOSTS: Final = frozenset({1, 3})  # RTN_UNICAST; RTN_BROADCAST, which needs a direct route
_LOCAL: Final = 2
_TIMEOUT: Final = 0.1
_NEIGHBOURS: Final = 4
"""Neighbours asked for, if those before them are addresses of this host."""
_NEAR: Final = 512
"""Addresses around a VIP among which they are looked for: more than a router has VIPs."""

Network = IPv4Network | IPv6Network


class RouteSocket:
    """Asks the kernel for routes. Every answer is there when the request was sent."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.settimeout(_TIMEOUT)
        self._sequence = 0

    def is_direct(self, subnet: Network, neighbours: Iterable[Address], index: int) -> bool | None:
        """Whether hosts of a subnet are reached by this interface without a gateway. Raises OSError.

        The first of these `neighbours` that is of the subnet and no address of this host is asked for. None:
        there is none among the first few.
        """
        for neighbour in islice((each for each in neighbours if each in subnet), _NEIGHBOURS):
            answer = self._ask(neighbour, index)
            if answer is not None:
                return answer
        return None

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _ask(self, to: Address, index: int) -> bool | None:
        """Return whether the route to it is direct, None if the address is one of this host."""
        family = socket.AF_INET if to.version == 4 else socket.AF_INET6  # noqa: PLR2004 - the IP version
        body = _ROUTE.pack(family, to.max_prefixlen, 0, 0, 0, 0, 0, 0, _FIB_MATCH)
        body += attribute(_DESTINATION, to.packed) + attribute(_OUT, SIGNED.pack(index))
        self._sequence = self._sequence % _MAX_SEQUENCE + 1
        head = HEADER.pack(HEADER.size + len(body), _GET_ROUTE, _REQUEST, self._sequence, 0)
        self._socket.send(head + body)
        answer = self._answer()
        if HEADER.unpack_from(answer)[1] != _NEW_ROUTE:
            return False
        kind = answer[HEADER.size + 7]
        if kind == _LOCAL:
            return None
        said = attributes(answer, HEADER.size + _ROUTE.size, len(answer))
        out = said.get(_OUT)
        through = said.keys() & {_GATEWAY, _VIA, _MULTIPATH}
        return kind in _HOSTS and not through and out is not None and SIGNED.unpack(out)[0] == index

    def _answer(self) -> bytes:
        """Return the answer to the last request: one that came too late for an earlier one is passed by."""
        while True:
            answer = self._socket.recv(1 << 16)
            if HEADER.unpack_from(answer)[3] == self._sequence:
                return answer


class Reachability:
    """Which VIPs of each router are of a subnet that this host does not reach. Asks at most when asked."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Open the socket. Raises OSError."""
        self._clock = clock
        self._routes = RouteSocket()
        self._without_route: dict[str, float] = {}

    def missing(self, router: RouterParams, link: Link | None) -> frozenset[Vip]:
        """Return the VIPs with a real prefix length whose subnet is neither addressed nor routed here."""
        vips = [vip for vip in router.addresses if _has_subnet(vip)]
        if link is None or not link.up or not vips:
            self._without_route.pop(router.name, None)
            return frozenset()
        subnets = {vip.network for vip in vips}
        without_route = {each for each in subnets if not self._is_direct(each, router, link)}
        if not without_route:
            self._without_route.pop(router.name, None)
            return frozenset()
        since = self._without_route.setdefault(router.name, self._clock())
        if self._clock() - since < PATIENCE:
            without_route = {each for each in without_route if not _has_address_of(link, each, router)}
        return frozenset(vip for vip in vips if vip.network in without_route)

    @staticmethod
    def concerns(router: RouterParams) -> bool:
        """Whether any VIP of a router belongs to a subnet."""
        return any(map(_has_subnet, router.addresses))

    def keep(self, names: Collection[str]) -> None:
        """Forget all routers but these."""
        self._without_route = {name: at for name, at in self._without_route.items() if name in names}

    def close(self) -> None:
        """Close the socket."""
        self._routes.close()

    def _is_direct(self, subnet: Network, router: RouterParams, link: Link) -> bool:
        try:
            direct = self._routes.is_direct(subnet, _neighbours(subnet, router), link.index)
        except OSError as refused:
            # A kernel that cannot say so (4.12 and earlier) is no reason not to serve.
            return refused.errno not in (errno.ENODEV, errno.ENETUNREACH, errno.EHOSTUNREACH)
        return _has_address_of(link, subnet, router) if direct is None else direct


def _neighbours(subnet: Network, router: RouterParams) -> Iterator[Address]:
    """Yield addresses of a subnet beside its VIPs, near to the first of them."""
    taken = {vip.ip for vip in router.addresses}
    first = next(vip.ip for vip in router.addresses if vip.ip in subnet)
    for offset in range(1, _NEAR):
        neighbour = ip_address(int(first) ^ offset)
        if neighbour not in taken:
            yield neighbour


def _has_subnet(vip: Vip) -> bool:
    return vip.network.prefixlen < vip.max_prefixlen and not vip.ip.is_link_local


def _has_address_of(link: Link, subnet: Network, router: RouterParams) -> bool:
    """Whether the interface has an address of its own, no VIP of this router, of a subnet."""
    vips = {each.ip for each in router.addresses}
    return any(
        held.interface.version == subnet.version
        and subnet.network_address in held.interface.network
        and held.interface.ip not in vips
        and not held.ours
        for held in link.addresses.values()
    )
