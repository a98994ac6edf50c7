"""Starting a process of ours, without a library for it."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Final

_PACKAGE: Final = __file__.rsplit("/", 3)[0]
_NOT_STARTED: Final = 126


def launch(
    options: Sequence[str],
    code: str,
    arguments: Sequence[str],
    descriptor: int,
    environment: Mapping[str, str],
    *,
    apart: bool,
    become: tuple[int, int] | None = None,
    also: int | None = None,
) -> int:
    """Start an interpreter that runs `code`, with the place of this package as its first argument.

    It inherits one descriptor besides output and errors, or two, and with `apart` gets a session of its own.
    Returns the process id at once: whether the program was found shows by its exit status, 126. Raises
    OSError. With `become` it has that user and group and no other; the calling thread must have both as
    effective ones.

    By fork(2) in this very thread, which takes a millisecond. With vfork(2), as the libraries do it, the
    whole process would be held until the child was scheduled and has called exec: on a busy machine longer
    than an advert may be late. And the kernel tells a child of the end of the thread that started it
    (PR_SET_PDEATHSIG), so that must be one that lives as long as this process.
    """
    argv = [sys.executable, "-I", *options, "-c", code, _PACKAGE, *arguments]
    own = dict(environment)
    pid = os.fork()
    if pid:
        return pid
    try:
        # A signal that came now would be taken for one of the parent.
        signal.set_wakeup_fd(-1)
        if apart:
            os.setsid()
            os.chdir("/")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for each in (descriptor,) if also is None else (descriptor, also):
            os.set_inheritable(each, True)
        if become is not None:
            uid, gid = become
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
        os.execve(sys.executable, argv, own)  # noqa: S606 - no shell is the point
    finally:
        os._exit(_NOT_STARTED)
