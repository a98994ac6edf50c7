"""Sockets for echo requests, which only the router may open: made for an observer, and handed to it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from sidecar.echo_socket import raw_echo_socket


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
            opened = stack.enter_context(raw_echo_socket(family))
            found.append(opened.fileno())  # what was opened before a refusal counts
    return tuple(found)
