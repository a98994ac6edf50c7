"""nfnetlink as far as nf_tables needs it: numbers, one transaction with its answer, and a dump.

Made by hand, because the library's way to nf_tables loads its whole package and a thread with a loop
of its own, and a dozen messages is all we ever send.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.rtnetlink import messages

# linux/netfilter/nf_tables.h: messages, and a flag of a table
NEW_TABLE: Final = 0
NEW_CHAIN: Final = 3
NEW_RULE: Final = 6
OWNER: Final = 0x2
"""The table belongs to the socket that made it, and vanishes with it (kernel 5.12 and later)."""
_NETLINK_NETFILTER: Final = 12
_NFTABLES: Final = 10  # NFNL_SUBSYS_NFTABLES
_BATCH_BEGIN: Final = 0x10
_BATCH_END: Final = 0x11
_REQUEST: Final = 0x01
_ACK: Final = 0x04
_CREATE_AT_END: Final = 0x400 | 0x800
_DUMP: Final = 0x300
_DONE: Final = 3
_ERROR: Final = 2  # NLMSG_ERROR; with code 0 an acknowledgement
_HEADER: Final = struct.Struct("=IHHII")
_FAMILY: Final = struct.Struct("!BBH")
_CODE: Final = struct.Struct("=i")


def number(kind: int, value: int) -> bytes:
    """Return an attribute of 32 bits, of either sign, in network order as nf_tables has them."""
    return attribute(kind, (value & 0xFFFFFFFF).to_bytes(4, "big"))


class NfTables:
    """A socket to nf_tables. Tables with an owner belong to it and vanish with it."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError (EPROTONOSUPPORT without nfnetlink)."""
        flags = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, flags, _NETLINK_NETFILTER)
        self._socket.bind((0, 0))
        self.port: int = self._socket.getsockname()[0]
        """The number that the kernel knows this socket by; unique in its network namespace."""

    def create(self, family: int, messages: list[tuple[int, bytes]]) -> None:
        """Make all or nothing of these messages (type, attributes). Raises OSError.

        Returns when the kernel has committed it, which waits for whoever changes rules at the moment.
        """
        middle = [
            _message(_NFTABLES << 8 | kind, _REQUEST | _CREATE_AT_END | _ACK, family, 0, attributes)
            for kind, attributes in messages
        ]
        begin = _message(_BATCH_BEGIN, _REQUEST, socket.AF_UNSPEC, _NFTABLES)
        end = _message(_BATCH_END, _REQUEST, socket.AF_UNSPEC, _NFTABLES)
        self._socket.send(b"".join((begin, *middle, end)))
        codes = list(self._answers())
        if codes != [0] * len(messages):
            code = next((code for code in codes if code), errno.EPROTO)
            raise OSError(code, os.strerror(code))

    def dump(self, kind: int) -> Iterator[tuple[int, bytes]]:
        """Yield family and attributes of all objects of a kind, of all families. Raises OSError."""
        self._socket.send(_message(_NFTABLES << 8 | kind, _REQUEST | _DUMP, socket.AF_UNSPEC, 0))
        while True:
            data = self._socket.recv(1 << 16)
            for answer, at, end in messages(data):
                if answer in (_ERROR, _DONE):
                    code = -_CODE.unpack_from(data, at)[0]
                    if code:
                        raise OSError(code, os.strerror(code))
                    return
                yield data[at], data[at + _FAMILY.size : end]

    def _answers(self) -> Iterator[int]:
        """Yield the error number of each answer. All are there: a batch is done before `send` returns."""
        with suppress(BlockingIOError):
            while True:
                answer = self._socket.recv(1 << 16)
                _, kind, _, _, _ = _HEADER.unpack_from(answer)
                if kind == _ERROR:
                    yield -_CODE.unpack_from(answer, _HEADER.size)[0]

    def close(self) -> None:
        """Close the socket. Waits until no packet is being judged by its tables any more."""
        self._socket.close()


def _message(kind: int, flags: int, family: int, resource: int, attributes: bytes = b"") -> bytes:
    size = _HEADER.size + _FAMILY.size + len(attributes)
    return _HEADER.pack(size, kind, flags, 0, 0) + _FAMILY.pack(family, 0, resource) + attributes
