"""A process of a check: started in a session of its own, ended or killed, always reaped.

Started on the loop of the checks. That takes about a millisecond: the program is our own interpreter,
which is in memory; what is foreign and may hang comes after it, in the child.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sidecar.checks.pidfd import Pidfd, watch_exit

ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}
"""All that a child knows: nothing of ours."""
PACKAGE: Final = str(Path(__file__).parents[2])
"""Where a child finds our package."""
_PATIENCE: Final = 0.2


class Child:
    """A Python file run by our interpreter, without site packages. Raise OSError when it cannot start.

    `on_exit` is called on the running loop after its death.
    """

    def __init__(
        self,
        file: str,
        arguments: Sequence[str],
        on_exit: Callable[[], None],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._on_exit = on_exit
        self.group_below = 0
        """A process group that it leads by proxy and cannot tidy up when it is killed."""
        self.ended = asyncio.Event()
        """Set when it is dead and reaped."""
        self._process = subprocess.Popen(  # noqa: S603 - an argument list, no shell
            [sys.executable, "-I", "-S", "-B", file, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            pass_fds=pass_fds,
            # Who asks for a user gets fork(2). With vfork(2) the interpreter would be held until the child
            # was scheduled and has called exec: on a busy machine longer than an advert may be late.
            user=os.geteuid(),
        )
        self._pidfd: Pidfd | None = watch_exit(self._process.pid, lambda: True, self._exited)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it is dead and reaped."""
        return self._process.returncode is not None

    def kill(self) -> None:
        """Kill it, its group and the group of its child. Returns at once; `on_exit` follows."""
        if not self.gone:
            _kill_group(self._process.pid)
            self.kill_below()

    def kill_below(self) -> None:
        """Kill the group of its child. Directly after its death: the number is still that group's."""
        if self.group_below:
            _kill_group(self.group_below)

    def end(self) -> None:
        """Ask it to end, which it does after having tidied up; kill it if it does not within a moment."""
        if not self.gone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)
            asyncio.get_running_loop().call_later(_PATIENCE, self.kill)

    def close(self) -> None:
        """Kill the group and wait for a moment. For the end of the loop, when nobody will call `on_exit`."""
        if self._pidfd is not None:
            self._pidfd.close()
        for end in (self._process.terminate, self.kill):
            if not self.gone:
                end()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE)

    def _exited(self) -> None:
        self._process.wait()
        self.ended.set()
        self._on_exit()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
