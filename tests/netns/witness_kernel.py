"""Notifications of a kernel: its addresses, and which of its interfaces can carry anything."""

import socket
import struct
from typing import Any

_ROUTE = 0
_RCVBUFFORCE = 33
_GROUPS = 0x01 | 0x10 | 0x100  # links, IPv4 addresses, IPv6 addresses
_NEWLINK, _DELLINK, _NEWADDR, _DELADDR = 16, 17, 20, 21
_IFLA_NAME = 3
_IFA_ADDRESS, _IFA_LOCAL, _IFA_CACHEINFO, _IFA_PROTO = 1, 2, 6, 11
_LOWER_UP = 0x10000

Change = tuple[str, dict[str, Any]]


def subscribe() -> socket.socket:
    """A socket that hears of every change in the network of this thread."""
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _ROUTE)
    made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, 1 << 24)
    made.bind((0, _GROUPS))
    return made


def changes(data: bytes) -> list[Change]:
    """The events in one datagram, as `sightings.Sighting` names them."""
    found = []
    while len(data) >= 16:
        length, kind = struct.unpack_from("IH", data)
        message = data[16:length]
        if kind in (_NEWADDR, _DELADDR):
            found.append(("added" if kind == _NEWADDR else "removed", _address(message)))
        elif kind in (_NEWLINK, _DELLINK) and message[0] == socket.AF_UNSPEC:
            found.append(("carrier", _link(message, there=kind == _NEWLINK)))
        data = data[(length + 3) & ~3 :]
    return found


def _attributes(rest: bytes) -> dict[int, bytes]:
    found = {}
    while len(rest) >= 4:
        length, kind = struct.unpack_from("HH", rest)
        found[kind] = rest[4:length]
        rest = rest[(length + 3) & ~3 :]
    return found


def _address(message: bytes) -> dict[str, Any]:
    about: dict[str, Any] = {"prefix": message[1], "index": struct.unpack_from("I", message, 4)[0]}
    found = _attributes(message[8:])
    # IPv6 addresses have no IFA_LOCAL unless they have a peer.
    about["address"] = socket.inet_ntop(message[0], found.get(_IFA_LOCAL) or found[_IFA_ADDRESS])
    if _IFA_CACHEINFO in found:
        about["valid"] = struct.unpack_from("II", found[_IFA_CACHEINFO])[1]
    if _IFA_PROTO in found:
        about["protocol"] = found[_IFA_PROTO][0]
    return about


def _link(message: bytes, *, there: bool) -> dict[str, Any]:
    index, flags = struct.unpack_from("iI", message, 4)
    name = _attributes(message[16:])[_IFLA_NAME].rstrip(b"\0").decode()
    return {"index": index, "name": name, "up": there and bool(flags & _LOWER_UP)}
