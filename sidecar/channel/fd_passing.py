"""Descriptors that come over a Unix socket (unix(7), SCM_RIGHTS), closed on exec.

`socket.recv_fds` of the standard library takes flags and leaves them out: what it returns is inherited.
"""

import array
import errno
import os
import socket
from typing import Final

LONGEST: Final = 128 * 1024
"""Bytes of the longest message: less than the kernel lets through."""


def receive(source: socket.socket, size: int, most: int) -> tuple[bytes, list[int]]:
    """Receive one message of at most `size` bytes with at most `most` descriptors.

    Raise OSError, also when a descriptor that was sent could not be taken because we have too many.
    """
    descriptors = array.array("i")
    room = socket.CMSG_SPACE(most * descriptors.itemsize)
    data, control, flags, _ = source.recvmsg(size, room, socket.MSG_CMSG_CLOEXEC)
    for level, kind, content in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    if flags & socket.MSG_CTRUNC:
        for each in descriptors:
            os.close(each)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return data, descriptors.tolist()
