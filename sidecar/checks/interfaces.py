"""The interfaces that a check means, whatever it calls them: asked from the kernel, without rights."""

import array
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from sidecar.core.interface_choice import Network, carried_network

_NAME: Final = 15
"""Bytes of a name that fits into a request by ioctl, which knows short alternative names, too."""
_LOOPBACK: Final = "lo"
_SIOCGIFCONF: Final = 0x8912
_IFCONF: Final = struct.Struct("@iP")
_IFREQ: Final = 40
_ADDRESS_AT: Final = 20
_ROOM: Final = 1 << 16
_MOST: Final = 1 << 22
"""Bytes of the list of IPv4 addresses that are read at most: 104,857 of them."""
_IPV6: Final = Path("/proc/thread-self/net/if_inet6")
_IPV6_VERSION: Final = 6

_GETLINK: Final = 18
_NEWLINK: Final = 16
_REQUEST: Final = struct.Struct("=IHHIIBxHiII")
_ALTERNATIVE_NAME: Final = 53
_IFLA_NAME: Final = 3
_ATTRIBUTE: Final = struct.Struct("=HH")


def names_of(asking: socket.socket, interface: str) -> list[str]:
    """Return the first names of the interfaces that are chosen so; a name that may not exist as it is."""
    network = carried_network(interface)
    if network is not None:
        # On loopback some keep the addresses of their servers. It is never down.
        names = {name for name, address in _addresses(asking, network) if address in network}
        return sorted(names - {_LOOPBACK})
    if len(os.fsencode(interface)) <= _NAME:
        return [interface]
    found = _by_long_name(interface)
    return [] if found is None else [found]


def _addresses(asking: socket.socket, network: Network) -> Iterator[tuple[str, IPv4Address | IPv6Address]]:
    if network.version == _IPV6_VERSION:
        lines = _IPV6.read_text("ascii").splitlines() if _IPV6.exists() else []
        for address, *_, name in map(str.split, lines):
            yield name, IPv6Address(bytes.fromhex(address))
        return
    table = _ipv4_table(asking)
    for at in range(0, len(table), _IFREQ):
        # A label may stand in the place of the name, and begins with it.
        label = os.fsdecode(table[at : at + 16].partition(b"\0")[0])
        yield label.partition(":")[0], IPv4Address(table[at + _ADDRESS_AT : at + _ADDRESS_AT + 4])


def _ipv4_table(asking: socket.socket) -> bytes:
    """Return the kernel's list of IPv4 addresses. It silently leaves out those that do not fit."""
    room = array.array("B", bytes(_ROOM))
    while True:
        request = _IFCONF.pack(len(room), room.buffer_info()[0])
        size, _ = _IFCONF.unpack(fcntl.ioctl(asking, _SIOCGIFCONF, request))
        if size + _IFREQ <= len(room) or len(room) >= _MOST:
            return room[:size].tobytes()
        room = array.array("B", bytes(2 * len(room)))


def _by_long_name(interface: str) -> str | None:
    """Return the first name of the interface that has this alternative one."""
    value = os.fsencode(interface) + b"\0"
    size = _ATTRIBUTE.size + len(value)
    attribute = _ATTRIBUTE.pack(size, _ALTERNATIVE_NAME) + value + bytes(-size % 4)
    length = _REQUEST.size + len(attribute)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as route:
        route.settimeout(1.0)
        route.send(_REQUEST.pack(length, _GETLINK, 1, 0, 0, socket.AF_UNSPEC, 0, 0, 0, 0) + attribute)
        answer = route.recv(_ROOM)
    if struct.unpack_from("=H", answer, 4)[0] != _NEWLINK:
        return None
    at = _REQUEST.size
    while at + _ATTRIBUTE.size <= len(answer):
        size, kind = _ATTRIBUTE.unpack_from(answer, at)
        if kind == _IFLA_NAME:
            return os.fsdecode(answer[at + _ATTRIBUTE.size : at + size].rstrip(b"\0"))
        at += (max(size, _ATTRIBUTE.size) + 3) & ~3
    return None
