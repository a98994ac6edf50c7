"""A member of the LAN that records adverts and says them again, as anybody on it can."""

import socket
from collections.abc import Sequence
from typing import Self

from tests.netns.namespace import Namespace
from tests.netns.witness_frames import listen, understand

_MAC = slice(6, 12)


class Recorder:
    """Use as a context manager; hears from then on. Its frames come from its own hardware address."""

    def __init__(self, namespace: Namespace) -> None:
        with namespace.network():
            self._ear = listen()
            self._mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._mouth.bind(("eth0", 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ear.close()
        self._mouth.close()

    def recorded(self) -> list[bytes]:
        """Adverts of others since the last call."""
        frames: list[bytes] = []
        own = self._mouth.getsockname()[4]
        try:
            while True:
                frame = self._ear.recv(2048)
                seen = understand(frame)
                if seen is not None and seen[0] == "advert" and frame[_MAC] != own:
                    frames.append(frame)
        except BlockingIOError:
            return frames

    def say_again(self, frames: Sequence[bytes]) -> None:
        """Send frames that were recorded, as they were but for the sender's hardware address."""
        own = self._mouth.getsockname()[4]
        for frame in frames:
            self._mouth.send(frame[: _MAC.start] + own + frame[_MAC.stop :])
