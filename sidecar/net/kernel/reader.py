"""Asking the kernel for links and addresses: for a thread, because it may keep us waiting.

A dump waits for a lock that other requests hold for as long as they take (46 ms while 400 interfaces
were deleted in another namespace), inside the system call that asks. Nothing that is due may wait there.
"""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.picture import Concerns, KernelPicture
from sidecar.net.kernel.rtnetlink import (
    ADDRESS,
    GET_ADDRESS,
    GET_LINK,
    HEADER,
    LINK,
    NUMBER,
    SIGNED,
    each_header,
)

_DUMP: Final = 0x01 | 0x300  # NLM_F_REQUEST, NLM_F_DUMP
_INTERRUPTED: Final = 0x10  # NLM_F_DUMP_INTR
_ERROR: Final = 2
_DONE: Final = 3
_SOL_NETLINK: Final = 270
_STRICT: Final = 12  # NETLINK_GET_STRICT_CHK
_EXT_MASK: Final = 29  # IFLA_EXT_MASK
_NO_STATISTICS: Final = 1 << 3  # RTEXT_FILTER_SKIP_STATS
_TIMEOUT: Final = 5.0
"""Seconds until a kernel that says nothing counts as one that refuses."""
_RECEIVE: Final = 1 << 16
ATTEMPTS: Final = 5
"""Times that the addresses of one interface are asked for, if they change while they are told."""


class InterruptedReadError(OSError):
    """The kernel changed while it was read: something may be missing in what was said."""


class KernelReader:
    """A netlink socket that asks and waits. Use as a context manager. Every method raises OSError."""

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.settimeout(_TIMEOUT)
        # Kernel 4.20 and later: dump the addresses of one interface alone, if asked to.
        with suppress(OSError):
            self._socket.setsockopt(_SOL_NETLINK, _STRICT, 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def links(self) -> Iterator[bytes]:
        """Yield messages about all links."""
        body = LINK.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + attribute(_EXT_MASK, NUMBER.pack(_NO_STATISTICS))
        yield from self._dump(GET_LINK, body)

    def addresses(self, index: int = 0) -> Iterator[bytes]:
        """Yield messages about all addresses; of an old kernel also if those of one link were asked for."""
        yield from self._dump(GET_ADDRESS, ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, index))

    def _dump(self, kind: int, body: bytes) -> Iterator[bytes]:
        self._socket.send(HEADER.pack(HEADER.size + len(body), kind, _DUMP, 0, 0) + body)
        interrupted = False
        while True:
            data = self._socket.recv(_RECEIVE)
            kinds = tuple(each_header(data))
            interrupted = interrupted or any(flags & _INTERRUPTED for _, flags, _ in kinds)
            answer, _, at = kinds[-1]
            if len(kinds) > 1 or answer not in (_ERROR, _DONE):
                yield data
            if answer in (_ERROR, _DONE):
                break
        code = -SIGNED.unpack_from(data, at)[0]
        if code:
            raise OSError(code, os.strerror(code))
        if interrupted:
            raise InterruptedReadError("interfaces or addresses changed while they were read")


def discard(notifications: socket.socket) -> None:
    """Empty a socket that does not block. Raises OSError."""
    while True:
        try:
            notifications.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise


def addresses_of(indexes: Iterable[int]) -> dict[int, list[bytes]]:
    """Return what the kernel says of the addresses of these interfaces. For a worker."""
    return {index: _addresses_of_one(index, ATTEMPTS) for index in indexes}


def _addresses_of_one(index: int, attempts: int) -> list[bytes]:
    try:
        with KernelReader() as reader:
            return list(reader.addresses(index))
    except InterruptedReadError:
        if attempts <= 1:
            raise
    except OSError as refused:
        if refused.errno != errno.ENODEV:
            raise
        return []  # it has gone, and its addresses with it
    return _addresses_of_one(index, attempts - 1)


def read_picture(before: KernelPicture, concerns: Concerns) -> KernelPicture:
    """Return a picture of this moment, of what concerns us now; interfaces stay chosen. For a worker."""
    picture = KernelPicture(concerns, before.marks, chosen=dict(before.chosen))
    with KernelReader() as reader:
        for data in reader.links():
            picture.apply(data)
        picture.keep_lives(before)
        for data in reader.addresses():
            picture.apply(data)
        for index in picture.missing():
            picture.replace_addresses(index, reader.addresses(index))
    return picture
