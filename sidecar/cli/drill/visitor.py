"""A visitor who connects again and again, and so sees for how long nobody answers."""

import select
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from errno import EINPROGRESS
from itertools import pairwise
from typing import Final

from sidecar.core.address import Address

EVERY: Final = 0.005
"""Seconds between two connections, and the resolution of what is measured."""
_PATIENCE: Final = 1.0
"""Seconds that one may take: the next does not wait for it."""
_MOST: Final = 512
"""Connections that are tried at the same time: a process may usually have 1,024 descriptors."""
_UNDER_WAY: Final = (0, EINPROGRESS)
_RESET: Final = struct.pack("ii", 1, 0)
"""Connections end with RST: 200 of them a second would run out of ports."""


@dataclass(frozen=True, slots=True)
class Place:
    """A VIP and a port where visitors are served."""

    address: Address
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in str(self.address) else str(self.address)
        return f"{host}:{self.port}"


@dataclass(slots=True)
class _Try:
    place: Place
    began: float
    socket: socket.socket


@dataclass(slots=True)
class _Seen:
    connected: list[float] = field(default_factory=list)


class Visitor:
    """Connects to each place every 5 ms, in a thread of its own, from `start` to `stop`."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._seen = {place: _Seen() for place in places}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visitor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for that."""
        self._over.set()
        self._thread.join(2 * _PATIENCE)

    def longest(self, since: float, until: float) -> float | None:
        """Return the longest time between two connections, in seconds, of any place.

        It counts where it touches the time from `since` to `until`, of the monotonic clock. None: there was
        nothing to connect to. Infinite: nobody has answered since.
        """
        gaps = [_longest(seen.connected, since, until) for seen in self._seen.values()]
        return max(gaps, default=None)

    def answered(self, since: float) -> bool:
        """Whether every place has answered since then."""
        return all(seen.connected and seen.connected[-1] > since for seen in self._seen.values())

    def _run(self) -> None:
        tries: dict[int, _Try] = {}
        poll = select.poll()
        due = time.monotonic()
        while not self._over.is_set():
            now = time.monotonic()
            if now >= due:
                for place in self._seen:
                    self._begin(place, now, tries, poll)
                due = max(due + EVERY, now)
            for descriptor, _ in poll.poll(max(0.0, due - now) * 1000):
                self._ended(tries.pop(descriptor), poll)
            for one in [each for each in tries.values() if now - each.began > _PATIENCE]:
                self._give_up(one, tries, poll)
        for one in tries.values():
            one.socket.close()

    def _begin(self, place: Place, now: float, tries: dict[int, _Try], poll: select.poll) -> None:
        family = socket.AF_INET6 if place.address.version == 6 else socket.AF_INET  # noqa: PLR2004
        opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if opened.connect_ex((str(place.address), place.port)) not in _UNDER_WAY:
            # There is no way there. The kernel has told it, and would not tell it again.
            opened.close()
            return
        if len(tries) >= _MOST:
            self._give_up(next(iter(tries.values())), tries, poll)
        tries[opened.fileno()] = _Try(place, now, opened)
        poll.register(opened, select.POLLOUT)

    def _give_up(self, one: _Try, tries: dict[int, _Try], poll: select.poll) -> None:
        del tries[one.socket.fileno()]
        poll.unregister(one.socket)
        one.socket.close()

    def _ended(self, one: _Try, poll: select.poll) -> None:
        poll.unregister(one.socket)
        if one.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            self._seen[one.place].connected.append(time.monotonic())
        one.socket.close()


def _longest(connected: list[float], since: float, until: float) -> float:
    if not connected or connected[-1] <= since:
        return float("inf")
    times = [*connected, max(until, connected[-1])]
    gaps = [later - earlier for earlier, later in pairwise(times) if since < later and earlier < until]
    return max(gaps, default=0.0)
