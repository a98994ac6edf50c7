"""The death of a process, told by the kernel at once (pidfd_open(2))."""

import asyncio
import os
from collections.abc import Callable


class Pidfd:
    """Watches one process on the running loop until it dies or `close` is called."""

    def __init__(self, fd: int, on_exit: Callable[[], None]) -> None:
        self._fd = fd
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(fd, self._exited)

    def close(self) -> None:
        """Stop watching. May be called more than once."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _exited(self) -> None:
        self.close()
        self._on_exit()


def watch_exit(pid: int, same: Callable[[], bool], on_exit: Callable[[], None]) -> Pidfd | None:
    """Call `on_exit` once when the process dies. Return None when it is gone already.

    `same` is asked after the descriptor is open whether the process with that id is still the one that
    was meant: ids are used again, a descriptor is not. Raise OSError when the kernel refuses.
    """
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    if not same():
        os.close(fd)
        return None
    return Pidfd(fd, on_exit)
