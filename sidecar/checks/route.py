"""How this host would reach a target: the kernel's own answer, which needs no rights and sends no packet."""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

# linux/netlink.h, linux/rtnetlink.h, linux/if.h, linux/if_link.h
_GETLINK: Final = 18
_GETROUTE: Final = 26
_ERROR: Final = 2
_REQUEST: Final = 1
_HEADER: Final = struct.Struct("=IHHII")
_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_LINK: Final = struct.Struct("=BxHiII")
_ATTRIBUTE: Final = struct.Struct("=HH")
_TYPE: Final = 0x3FFF
"""Bits of the type of an attribute that are no flags."""
_DESTINATION, _OUT, _GATEWAY, _SOURCE, _VIA = 1, 4, 5, 7, 18
_LINK_NAME, _LINK_INFO, _INFO_KIND = 3, 18, 1
_IFF_UP: Final = 0x1
_IFF_RUNNING: Final = 0x40
_ROOM: Final = 1 << 16
_PATIENCE: Final = 1.0
"""Seconds to wait for the kernel, which answers within the call."""

NO_ROUTE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL}
)
"""Errors of the kernel for a target to which it has no route."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a packet would leave now. `gateway` is empty when the target is on the link.

    `obstacle` says why it would not leave, as a phrase for people; empty: nothing on this host hinders it.
    """

    gateway: str = ""
    obstacle: str = ""


def route_to(ip: str) -> Route:
    """Ask the kernel for the route to an address. Raise OSError when it cannot be asked."""
    target = ip_address(ip)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as asking:
        asking.settimeout(_PATIENCE)
        try:
            found = _route(asking, target)
        except OSError as error:
            if error.errno in NO_ROUTE:
                return Route(obstacle=f"no route to {ip}")
            raise
        interface = int(struct.unpack("=I", found.get(_OUT, bytes(4)))[0])
        obstacle = _obstacle(asking, interface, found.get(_SOURCE, b""), target)
    return Route(_shown(found.get(_GATEWAY) or found.get(_VIA, b"")), obstacle)


def _route(asking: socket.socket, target: IPv4Address | IPv6Address) -> dict[int, bytes]:
    family = socket.AF_INET if isinstance(target, IPv4Address) else socket.AF_INET6
    attributes = _attribute(_DESTINATION, target.packed)
    if isinstance(target, IPv6Address) and target.scope_id:
        attributes += _attribute(_OUT, struct.pack("=I", socket.if_nametoindex(target.scope_id)))
    body = _ROUTE.pack(family, target.max_prefixlen, 0, 0, 0, 0, 0, 0, 0)
    answer = _ask(asking, _GETROUTE, body + attributes)
    return dict(_attributes(answer, _ROUTE.size))


def _obstacle(asking: socket.socket, interface: int, source: bytes, target: IPv4Address | IPv6Address) -> str:
    """Say what is wrong with the interface that leads to the target."""
    try:
        answer = _ask(asking, _GETLINK, _LINK.pack(socket.AF_UNSPEC, 0, interface, 0, 0))
    except OSError as error:
        if error.errno in NO_ROUTE:
            return "the interface that leads there is gone"
        raise
    flags = _LINK.unpack_from(answer)[3]
    link = dict(_attributes(answer, _LINK.size))
    name = os.fsdecode(link.get(_LINK_NAME, b"").rstrip(b"\0"))
    kind = dict(_attributes(link.get(_LINK_INFO, b""), 0)).get(_INFO_KIND, b"").rstrip(b"\0")
    if not flags & _IFF_UP:
        return f"{name} is down"
    # A bridge without carrier is one whose members are gone: on a host of containers these are the targets.
    if not flags & _IFF_RUNNING and kind != b"bridge":
        return f"{name} has no carrier"
    if isinstance(target, IPv6Address) and not _can_speak(source, target):
        return f"{name} has no global address"
    return ""


def _can_speak(source: bytes, target: IPv6Address) -> bool:
    """Say whether the source fits: a default route stays when every global address of ours is gone."""
    if target.is_link_local:
        return True
    address = IPv6Address(source or bytes(16))
    return target.is_loopback or not (address.is_link_local or address.is_loopback or address.is_unspecified)


def _ask(asking: socket.socket, kind: int, body: bytes) -> bytes:
    """Return the body of the answer. Raise the OSError that the kernel answers with."""
    asking.send(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST, 0, 0) + body)
    answer = asking.recv(_ROOM)
    if _HEADER.unpack_from(answer)[1] == _ERROR:
        code = -int(struct.unpack_from("=i", answer, _HEADER.size)[0])
        raise OSError(code, os.strerror(code))
    return answer[_HEADER.size :]


def _attribute(kind: int, value: bytes) -> bytes:
    size = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(size, kind) + value + bytes(-size % 4)


def _attributes(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + _ATTRIBUTE.size <= len(data):
        size, kind = _ATTRIBUTE.unpack_from(data, at)
        yield kind & _TYPE, data[at + _ATTRIBUTE.size : at + size]
        at += (max(size, _ATTRIBUTE.size) + 3) & ~3


def _shown(gateway: bytes) -> str:
    """Return a gateway as text; that of another family begins with two bytes that name the family."""
    packed = gateway if len(gateway) in (0, 4, 16) else gateway[2:]
    return str(ip_address(packed)) if packed else ""
