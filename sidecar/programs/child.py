"""A process that the fork server has started for us. Told and watched by its pidfd: no number is trusted."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import Final

_PATIENCE: Final = 0.2


class Child:
    """Lives on the running loop until it is dead. The fork server reaps it and whatever it leaves behind.

    `on_end` is called when nothing of it is left here.
    """

    def __init__(self, pid: int, pidfd: int, on_end: Callable[["Child"], None]) -> None:
        self.pid: Final = pid
        """Its process id when it was started."""
        self.ended: Final = asyncio.Event()
        """Set when it is dead."""
        self._pidfd = pidfd
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(pidfd, self.let_go)

    @property
    def gone(self) -> bool:
        """Whether it is dead, or let go."""
        return self._pidfd < 0

    def kill(self) -> None:
        """Kill it. Returns at once; `ended` follows."""
        self._tell(signal.SIGKILL)

    def end(self) -> None:
        """Ask it to end, which it does after having tidied up; kill it if it does not within a moment."""
        if not self.gone:
            self._tell(signal.SIGTERM)
            self._loop.call_later(_PATIENCE, self.kill)

    def let_go(self) -> None:
        """Watch no longer. A wait for its end is over, too."""
        if not self.gone:
            self._loop.remove_reader(self._pidfd)
            # Ours to reap only if the server has died and we are the init process of a container.
            with contextlib.suppress(OSError):
                os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG)
            os.close(self._pidfd)
            self._pidfd = -1
            self.ended.set()
            self._on_end(self)

    def _tell(self, number: signal.Signals) -> None:
        if not self.gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._pidfd, number)
