"""What is overheard on several interfaces, for people alone: nothing of it reaches the election.

A few packets are read at a time and none is looked at; what nobody reads in time, the kernel drops.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar import bpf
from sidecar.core.address import Address
from sidecar.core.wire.captured import Frame
from sidecar.net.capture.filter import program
from sidecar.net.capture.packet_socket import Capture
from sidecar.net.vrrp.packet_filter import AFFORDABLE

BUFFER: Final = 64 * 1024
"""Bytes of the receive buffer of each interface: what comes while it is full is dropped."""
LONGEST: Final = 1500
"""Bytes of a packet that are read: an advert of as many addresses as the usual MTU has room for."""
RETRY: Final = 10.0
"""Seconds between two attempts to listen where that was refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: the present name of an interface in the kernel, and the VIPs of its routers."""

    device: str
    vips: frozenset[Address]


@dataclass(frozen=True, slots=True)
class Heard:
    """Packets of one interface, which the configuration calls so. `own` is its present MAC address."""

    interface: str
    own: bytes
    frames: tuple[Frame, ...]


class Captures:
    """One for each interface. `retire` closes a socket later: the kernel takes up to 30 ms for that.

    `trouble` gets why an interface cannot be listened on.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        retire: Callable[[Capture], None],
        trouble: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._retire = retire
        self._trouble = trouble
        self._open: dict[str, tuple[Place, Capture]] = {}
        self._retry_at: dict[str, float] = {}

    def listen(self, wanted: Mapping[str, Place]) -> None:
        """Listen at these places, by interface, and at no others."""
        for interface, (place, capture) in tuple(self._open.items()):
            # The name that the socket has now: another one, or none, after a change of the interface.
            if interface not in wanted or not capture.device == place.device == wanted[interface].device:
                self._close(interface)
        for interface in self._retry_at.keys() - wanted.keys():
            del self._retry_at[interface]
        for interface, place in wanted.items():
            if interface not in self._open:
                self._begin(interface, place)
            elif self._open[interface][0] != place:
                self._refilter(interface, place)

    @property
    def moved(self) -> bool:
        """Whether an interface has another name now, or none, or is to be tried again."""
        again = self._retry_at and min(self._retry_at.values()) <= self._clock()
        return bool(again) or any(capture.device != place.device for place, capture in self._open.values())

    @property
    def macs(self) -> dict[str, bytes]:
        """The present MAC address of each interface that is listened on."""
        return {interface: capture.mac for interface, (_, capture) in self._open.items()}

    def receive(self, most: int) -> Iterator[Heard]:
        """Yield what was heard, at most so many packets. An interface that was heard comes last next time."""
        for interface, (place, capture) in tuple(self._open.items()):
            frames = tuple(capture.receive(most, LONGEST))
            most -= len(frames)
            if frames:
                del self._open[interface]
                self._open[interface] = place, capture
                yield Heard(interface, capture.mac, frames)

    def close(self) -> None:
        """Listen nowhere."""
        for interface in tuple(self._open):
            self._close(interface)

    def _close(self, interface: str) -> None:
        _, capture = self._open.pop(interface)
        self._retire(capture)

    def _begin(self, interface: str, place: Place) -> None:
        now = self._clock()
        if now < self._retry_at.get(interface, -inf):
            return
        try:
            self._open[interface] = place, Capture(place.device, _fitting(place.vips), BUFFER)
            self._retry_at.pop(interface, None)
        except OSError as refused:
            self._retry_at[interface] = now + RETRY
            self._trouble(f"{place.device}: {refused.strerror}")

    def _refilter(self, interface: str, place: Place) -> None:
        _, capture = self._open[interface]
        try:
            capture.filter(_fitting(place.vips))
        except OSError as refused:
            self._trouble(f"{place.device}: the filter for other VIPs was refused: {refused.strerror}")
        self._open[interface] = place, capture


def _fitting(vips: Collection[Address]) -> bytes:
    """Return the program, without addresses if an old kernel had no room for it."""
    whole = program(vips)
    return whole if bpf.size(whole) <= AFFORDABLE else program()
