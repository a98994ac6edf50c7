"""Every frame that comes out of one host with one MAC address as its source."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sidecar import bpf
from tests.netns.lan import Lan
from tests.netns.witness_frames import make_room

_OUTGOING: Final = 4  # PACKET_OUTGOING: from the switch to the host
_SOURCE_AT: Final = 6


class FramesFrom:
    """Frames since the last look."""

    def __init__(self, tap: socket.socket) -> None:
        self._tap = tap

    def seen(self) -> list[bytes]:
        """Return and forget them."""
        found: list[bytes] = []
        while True:
            try:
                frame, (_, _, direction, *_) = self._tap.recvfrom(2048)
            except BlockingIOError:
                return found
            if direction != _OUTGOING:
                found.append(frame)


@contextmanager
def frames_from(lan: Lan, host: str, mac: str) -> Iterator[FramesFrom]:
    """Look at the switch's end of a host's cable. Only frames with this source wait to be read."""
    source = bytes.fromhex(mac.replace(":", ""))
    program = [*bpf.unless_words(_SOURCE_AT, source[:4], "no")]
    for at, value in enumerate(source[4:], _SOURCE_AT + 4):
        program += [bpf.byte(at), bpf.unless_equal(value, "no")]
    with lan.switch.network():
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    try:
        bpf.attach(tap, bpf.assemble([*program, bpf.ACCEPT, "no", bpf.DROP]))
        make_room(tap)
        tap.bind((f"p-{host}", 3))
        yield FramesFrom(tap)
    finally:
        tap.close()
