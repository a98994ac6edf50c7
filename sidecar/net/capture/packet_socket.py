"""A packet socket that sees packets of one interface before any packet filter, and what this host sends."""

import socket
from collections.abc import Iterator
from typing import Final

from sidecar import bpf
from sidecar.core.wire.captured import Frame

_ALL: Final = 0x0003  # ETH_P_ALL: the only protocol that sees outgoing packets
_OUTGOING: Final = 4  # PACKET_OUTGOING
_LONGEST: Final = 8192


class Capture:
    """Use `receive` when `fileno` is readable, or now and then: the kernel keeps what fits into `buffer`."""

    def __init__(self, device: str, program: bytes, buffer: int | None = None) -> None:
        """Open it. The socket is bound last, so that nothing slips in before the filter.

        `buffer`: bytes, None for the kernel's own choice. Raises OSError (EPERM without NET_RAW).
        """
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )
        try:
            bpf.attach(self._socket, program)
            if buffer is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            self._socket.bind((device, _ALL))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    @property
    def device(self) -> str:
        """The present name of the interface, "" if it is gone."""
        name: str = self._socket.getsockname()[0]
        return name

    @property
    def mac(self) -> bytes:
        """The present MAC address of the interface, b"" if it is gone."""
        address: bytes = self._socket.getsockname()[4]
        return address

    def filter(self, program: bytes) -> None:
        """See what this program accepts from now on. Raises OSError: then nothing has changed."""
        bpf.attach(self._socket, program)

    def receive(self, most: int, size: int = _LONGEST) -> Iterator[Frame]:
        """Yield what has arrived, up to a number of packets, of each at most `size` bytes."""
        for _ in range(most):
            try:
                data, (_, ethertype, direction, _, mac) = self._socket.recvfrom(size)
            except OSError:
                return
            yield Frame(direction == _OUTGOING, ethertype, mac, data)

    def close(self) -> None:
        """Close it. The kernel waits until no processor handles a packet, up to 30 ms."""
        self._socket.close()
