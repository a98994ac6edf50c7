"""Sockets for echo requests, which only the router may open: made for an observer, and handed to it."""

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

# linux/icmp.h and linux/icmpv6.h: a set bit keeps a type away from the socket.
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1
_ICMP6_FILTER: Final = 1
_REPLY_V4: Final = 0
_REPLY_V6: Final = 129


@dataclass(frozen=True, slots=True)
class Opened:
    """Descriptors by family."""

    ipv4: tuple[int, ...]
    ipv6: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IcmpSockets:
    """How many the observer wants, by family."""

    ipv4: int = 0
    ipv6: int = 0

    def beyond(self, other: "IcmpSockets") -> "IcmpSockets":
        """Return how many these are more than others."""
        return IcmpSockets(max(0, self.ipv4 - other.ipv4), max(0, self.ipv6 - other.ipv6))

    def plus(self, other: "IcmpSockets") -> "IcmpSockets":
        """Return both together."""
        return IcmpSockets(self.ipv4 + other.ipv4, self.ipv6 + other.ipv6)

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        """Open them for as long as it takes to hand them over. Of a family that is refused there are none."""
        with ExitStack() as stack:
            four = _several(stack, socket.AF_INET, self.ipv4)
            six = _several(stack, socket.AF_INET6, self.ipv6)
            yield Opened(four, six)


def _several(stack: ExitStack, family: socket.AddressFamily, number: int) -> tuple[int, ...]:
    found: list[int] = []
    with suppress(OSError):  # the check that gets none says so
        for _ in range(number):
            found.append(stack.enter_context(_open(family)).fileno())  # noqa: PERF401 - what was opened counts
    return tuple(found)


def _open(family: socket.AddressFamily) -> socket.socket:
    """Return a raw socket that gets echo replies and nothing else."""
    if family == socket.AF_INET:
        opened = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMP)
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", 0xFFFFFFFF ^ (1 << _REPLY_V4)))
        return opened
    opened = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)
    words = [0xFFFFFFFF] * 8
    words[_REPLY_V6 // 32] ^= 1 << (_REPLY_V6 % 32)
    opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))
    return opened
