"""Requests to the kernel about addresses: many in one write, and an answer to each."""

import socket
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

_HEADER: Final = struct.Struct("=IHHII")
_SEQUENCE: Final = struct.Struct("=I")
_SEQUENCE_AT: Final = 8
_CODE: Final = struct.Struct("=i")
_ERROR: Final = 2
_SOL_NETLINK, _CAP_ACK = 270, 10
_SO_RCVBUFFORCE: Final = 33
_ANSWERS: Final = 1 << 20
"""Bytes of answers that may wait: those to all requests of one write, some 800 each."""
_TIMEOUT: Final = 5.0
"""Seconds to wait for an answer, which is there when the request has been sent."""


class RequestSocket:
    """Sends requests and waits for all answers. For one thread."""

    def __init__(self) -> None:
        """Open it. Raises OSError."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        with suppress(PermissionError):
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ANSWERS)
        self._socket.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
        self._socket.settimeout(_TIMEOUT)
        self._socket.bind((0, 0))
        self.port: int = self._socket.getsockname()[0]
        self._sequence = count(1)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def ask(self, messages: Sequence[bytearray]) -> list[int]:
        """Send all in one write. Return the error code of each, 0 if there is none. Raises OSError."""
        waiting: dict[int, int] = {}
        request = bytearray()
        for position, message in enumerate(messages):
            number = next(self._sequence) % (1 << 32)
            _SEQUENCE.pack_into(message, _SEQUENCE_AT, number)
            waiting[number] = position
            # Copied at once: the same message may be among these twice, after a request that was given up.
            request += message
        codes = [0] * len(messages)
        if request:
            self._socket.send(request)
        while waiting:
            answer = self._socket.recv(1 << 16)
            for number, code in _answers(answer):
                position = waiting.pop(number, -1)
                # Answers to an earlier request that nobody has waited for are passed by.
                if position >= 0:
                    codes[position] = code
        return codes


def _answers(data: bytes) -> Iterable[tuple[int, int]]:
    """Yield sequence number and error code of each acknowledgement."""
    at = 0
    while at + _HEADER.size <= len(data):
        size, kind, _, number, _ = _HEADER.unpack_from(data, at)
        if kind == _ERROR:
            yield number, -_CODE.unpack_from(data, at + _HEADER.size)[0]
        at += max(size + -size % 4, _HEADER.size)
