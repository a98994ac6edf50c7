"""The configuration child: a process that reads and validates the file, prints what it means, and ends.

So the router knows no format of files, and nothing of what reads one stays in its memory. The child is a
fork of the process that becomes the router: what both need is loaded once.
"""

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Final, NoReturn

from sidecar.channel.malformed import Malformed
from sidecar.channel.package import LARGEST, PACKAGE, Package

PATIENCE: Final = 60.0
"""Seconds that the child may take: a key may be on a disk that must be woken."""
_LARGEST: Final = 2 * LARGEST + 1024
_READ: Final = 1 << 16
_BROKEN: Final = 1
"""No mistake of the file, which is 2: whatever supervises the sidecar may start it again."""


def package_of(
    file: str, read: Callable[[str, int], int], meanwhile: Callable[[], object] = lambda: None
) -> Package | int:
    """Return what a configuration file means, or the exit status after the child has said what is wrong.

    The child is `read`: it writes a package to the descriptor that it gets, and returns its exit status.
    `meanwhile` is called while the child works, which takes an eighth of a second of its own.
    """
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    try:
        try:
            child = os.fork() or _be_child(file, read, write_end)
        except OSError as error:
            return _failed(f"cannot be started: {error}")
        finally:
            os.close(write_end)
        try:
            meanwhile()
            data = _everything(read_end)
        except BaseException:
            # A stop, too, which must not leave a child behind that waits for a disk.
            os.kill(child, signal.SIGKILL)
            raise
    finally:
        os.close(read_end)
    if data is None:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if data is None:
        return _failed(f"did not end within {PATIENCE:.0f} s")
    if status:
        return status if status > 0 else _failed(f"was killed by signal {-status}")
    try:
        return PACKAGE.decode(data)
    except Malformed as error:
        return _failed(f"printed something else: {error}")


def _be_child(file: str, read: Callable[[str, int], int], write_end: int) -> NoReturn:
    """Read the file, and end, whatever becomes of it: nothing of what the parent would do next is done."""
    status = _BROKEN
    try:
        sys.dont_write_bytecode = True
        status = read(file, write_end)
        sys.stderr.flush()
    except Exception:  # noqa: BLE001 - as an interpreter does it
        traceback.print_exc()
    finally:
        os._exit(status)


def _everything(descriptor: int) -> bytes | None:
    """Read to the end; None: that took too long, or was too much."""
    data, ends = bytearray(), time.monotonic() + PATIENCE
    while len(data) <= _LARGEST:
        if not select.select([descriptor], [], [], max(0.0, ends - time.monotonic()))[0]:
            return None
        piece = os.read(descriptor, _READ)
        if not piece:
            return bytes(data)
        data += piece
    return None


def _failed(why: str) -> int:
    sys.stderr.write(f"the process that reads the configuration {why}\n")
    return _BROKEN
