"""Ethernet frames that we made ourselves (gratuitous ARP), sent as they are."""

import socket


class FrameSocket:
    """Sends whole frames on any interface and receives nothing: protocol 0 hears no packets."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError (EPERM without NET_RAW)."""
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )

    def send(self, interface: str, frame: bytes) -> None:
        """Send one frame. Raises OSError."""
        self._socket.sendto(frame, (interface, 0))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
