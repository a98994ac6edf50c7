"""Every VRRP, ARP and neighbour advertisement frame that a host sends, taken at the switch."""

import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.netns import witness_frames
from tests.netns.lab import Lab

_OUTGOING = 4
_POLL = 0.1
_ETHERNET_LINK = 1
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole Ethernet frame; `at` is seconds of CLOCK_MONOTONIC."""

    at: float
    host: str
    data: bytes


class Recording:
    """Runs while it is used as a context manager. `frames` is what was seen so far."""

    def __init__(self, lab: Lab) -> None:
        self.frames: list[Frame] = []
        self._done = threading.Event()
        with lab.lan.switch.network():
            self._socket = witness_frames.listen()
        self._socket.settimeout(_POLL)
        self._hosts = tuple(lab.hosts)
        self._reader = threading.Thread(target=self._read, name="recording")

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._reader.join()
        self._socket.close()

    def _read(self) -> None:
        while not self._done.is_set():
            # A quiet moment, or a port that went away (ENETDOWN).
            with suppress(TimeoutError, OSError):
                data, (port, _, direction, *_) = self._socket.recvfrom(_LONGEST)
                host = port.removeprefix("p-")
                if direction != _OUTGOING and host in self._hosts:
                    self.frames.append(Frame(time.monotonic(), host, data))

    def sent_by(self, host: str) -> list[Frame]:
        """The frames of one host, in order."""
        return [frame for frame in self.frames if frame.host == host]


def adverts(frames: Sequence[Frame]) -> list[bytes]:
    """The payloads of IP packets of protocol 112 among the frames."""
    found = []
    for frame in frames:
        kind = int.from_bytes(frame.data[12:14], "big")
        if kind == 0x0800 and frame.data[23] == 112:
            length = int.from_bytes(frame.data[16:18], "big")
            found.append(frame.data[14 + (frame.data[14] & 15) * 4 : 14 + length])
        elif kind == 0x86DD and frame.data[20] == 112:
            found.append(frame.data[54:])
    return found


def write_pcap(file: Path, frames: Sequence[Frame]) -> None:
    """Write a capture file, version 2.4, microseconds."""
    parts = [struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _LONGEST, _ETHERNET_LINK)]
    for frame in frames:
        size = len(frame.data)
        parts.append(struct.pack("=IIII", int(frame.at), int(frame.at % 1 * 1e6), size, size) + frame.data)
    file.write_bytes(b"".join(parts))
