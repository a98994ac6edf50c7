"""Requests to make, change and delete interfaces. Each waits for the kernel, which may take 30 ms.

Made by hand and not by the library, whose requests belong to the loop: sending one is what takes the
time, because the kernel does the work in that system call. This is for a thread.
"""

import os
import socket
import struct
from typing import Final

_REQUEST: Final = 0x01 | 0x04  # with acknowledgement
_NEW: Final = 0x200 | 0x400  # NLM_F_EXCL, NLM_F_CREATE
_NEWLINK: Final = 16
_DELLINK: Final = 17
_SETLINK: Final = 19
_ERROR: Final = 2  # NLMSG_ERROR; with code 0 an acknowledgement
_HEADER: Final = struct.Struct("=IHHII")
_LINK: Final = struct.Struct("=BxHiII")
_CODE: Final = struct.Struct("=i")
_IFF_UP: Final = 0x1
_TIMEOUT: Final = 5.0
"""Seconds to wait for an answer, which is there when the request has been sent."""


class LinkSocket:
    """A netlink socket of its own. Every method raises OSError with what the kernel answered."""

    def __init__(self) -> None:
        """Open the socket."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.settimeout(_TIMEOUT)

    def create(self, attributes: bytes) -> None:
        """Make an interface, which is down. EEXIST: the name is taken."""
        self._ask(_NEWLINK, _NEW, 0, attributes)

    def change(self, index: int, attributes: bytes) -> None:
        """Set attributes of an interface."""
        self._ask(_SETLINK, 0, index, attributes)

    def enable(self, index: int, *, up: bool) -> None:
        """Set an interface up or down. Up, EADDRINUSE: somebody has its MAC address on the same interface."""
        self._ask(_SETLINK, 0, index, flags=_IFF_UP if up else 0, change=_IFF_UP)

    def delete(self, index: int) -> None:
        """Delete an interface. ENODEV: it is gone."""
        self._ask(_DELLINK, 0, index)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _ask(
        self, kind: int, how: int, index: int, attributes: bytes = b"", *, flags: int = 0, change: int = 0
    ) -> None:
        body = _LINK.pack(socket.AF_UNSPEC, 0, index, flags, change) + attributes
        self._socket.send(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | how, 0, 0) + body)
        while True:
            answer = self._socket.recv(1 << 16)
            if _HEADER.unpack_from(answer)[1] == _ERROR:
                break
        code = -_CODE.unpack_from(answer, _HEADER.size)[0]
        if code:
            raise OSError(code, os.strerror(code))
