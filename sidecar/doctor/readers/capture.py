"""Packets of one interface for some seconds: those that arrive, before any packet filter, and its own."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.wire import captured
from sidecar.core.wire.captured import Datagram, Spoken, Word
from sidecar.net.capture import packet_socket
from sidecar.net.capture.filter import program


@dataclass(frozen=True, slots=True)
class Captured:
    """One packet: VRRP, or the claim of an address. The other one is None."""

    mac: str
    outgoing: bool
    packet: PacketReceived | None = None
    claimed: Address | None = None


class Capture:
    """Use `receive` when `fileno` is readable. Raises OSError (EPERM without NET_RAW)."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._capture = packet_socket.Capture(device, program())

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._capture.fileno()

    def receive(self, most: int) -> Iterator[Captured]:
        """Yield what has arrived, up to a number of packets."""
        for frame in self._capture.receive(most):
            match captured.read(frame):
                case Datagram(source, to, ttl, payload):
                    packet = PacketReceived(self.device, source, to, ttl, payload)
                    yield Captured(frame.mac.hex(":"), frame.outgoing, packet)
                case Spoken(Word.CLAIMS, address, mac):
                    yield Captured(mac, frame.outgoing, claimed=address)
                case _:
                    pass

    def close(self) -> None:
        """Close it."""
        self._capture.close()


def send_frames(device: str, frames: list[bytes]) -> None:
    """Send whole Ethernet frames. Raises OSError."""
    flags = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_PACKET, flags, 0) as wire:
        for frame in frames:
            wire.sendto(frame, (device, 0))
