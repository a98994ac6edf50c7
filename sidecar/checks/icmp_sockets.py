"""Sockets for echo requests: those that the router has handed over, or our own where that is allowed.

A process without NET_RAW may open none but a ping socket, if net.ipv4.ping_group_range says so.
"""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from sidecar import bpf
from sidecar.echo_socket import raw_echo_socket

_IPV4: Final = 4
_IDENTIFIER_AT: Final = 4
"""Where the identifier is in an echo message (RFC 792, RFC 4443 section 4.1)."""
_LOOK_AGAIN: Final = 0.005
_STALE: Final = 1024
"""Packets that may wait in a socket from the time before: more are left to the filter of the answers."""


class IcmpSockets:
    """Sockets that were handed over, by IP version, each for one run at a time. Safe from any thread."""

    def __init__(self) -> None:
        self._free: dict[int, deque[socket.socket]] = {4: deque(), 6: deque()}
        self._handed = {4: 0, 6: 0}

    def take(self, version: int, descriptors: Iterable[int]) -> None:
        """Use these from now on; they are raw sockets that get echo replies alone."""
        for descriptor in descriptors:
            handed = socket.socket(fileno=descriptor)
            handed.setblocking(False)
            self._free[version].append(handed)
            self._handed[version] += 1

    @asynccontextmanager
    async def lend(self, version: int) -> AsyncIterator[socket.socket]:
        """Lend a socket for one run; wait while all are lent. Raise OSError if none may be opened."""
        if not self._handed[version]:
            with open_socket(version) as own:
                yield own
            return
        free = self._free[version]
        while True:
            try:
                lent = free.popleft()
                break
            except IndexError:
                await asyncio.sleep(_LOOK_AGAIN)
        try:
            yield lent
        finally:
            free.append(lent)


SOCKETS: Final = IcmpSockets()
"""Those of this process."""


def open_socket(version: int) -> socket.socket:
    """Return a non-blocking raw ICMP socket, or a ping socket where raw ones are forbidden. Raise OSError."""
    four = version == _IPV4
    try:
        return raw_echo_socket(socket.AF_INET if four else socket.AF_INET6)
    except PermissionError:
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
        if four:
            return socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP)
        return socket.socket(socket.AF_INET6, kind, socket.IPPROTO_ICMPV6)


def hear_only(opened: socket.socket, identifier: int) -> None:
    """Let the socket hear answers with this identifier alone, and forget what it has heard before.

    So answers to others cannot crowd out ours. For a ping socket the kernel does that.
    """
    if opened.type != socket.SOCK_RAW:
        return
    found: list[bpf.Line] = [bpf.half(_IDENTIFIER_AT)]
    if opened.family == socket.AF_INET:  # a raw socket of IPv4 delivers the IP header, too
        found = [bpf.IP_HEADER_LENGTH_TO_X, bpf.half_after_x(_IDENTIFIER_AT)]
    ours = (bpf.unless_equal(identifier, "others"), bpf.ACCEPT, "others", bpf.DROP)
    bpf.attach(opened, bpf.assemble([*found, *ours]))
    _empty(opened)


def _empty(lent: socket.socket) -> None:
    """Throw away what came for the run before, an error of its target included."""
    for _ in range(_STALE):
        try:
            lent.recv(1)
        except BlockingIOError:
            return
        except OSError:
            continue
