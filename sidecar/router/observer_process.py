"""Starting the observer, and ending it: one process at a time, known by its pidfd."""

import os
import signal
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from sidecar.channel.endpoint import pair
from sidecar.router.launch import launch
from sidecar.router.observer_user import ObserverUser

_CODE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from sidecar.lazy_inspect import install; install(); "
    "from sidecar.observer.start import start; start(int(sys.argv[2]), int(sys.argv[3]))"
)
INHERITED: Final = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TERM", "NO_COLOR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("PYTHONUNBUFFERED", "PYTHONWARNINGS", "VIP_SIDECAR_REVISION"),
)
"""The environment that the observer gets. A file may take keys from the others, which are not for it."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started, as the router's user or as another one.

    `pidfd` is for its owner to close.
    """

    pid: int
    pidfd: int
    user: ObserverUser | None = None

    def kill(self) -> None:
        """Kill it, unless it is dead."""
        send = partial(signal.pidfd_send_signal, self.pidfd, signal.SIGKILL)
        with suppress(ProcessLookupError):
            if self.user is None:
                send()
            else:
                self.user.call(send)

    @property
    def ended(self) -> bool:
        """Whether it is dead."""
        try:
            return os.waitid(os.P_PIDFD, self.pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def status(self) -> int | None:
        """Reap it. Return its exit status (negative: a signal), None if it lives or somebody else has."""
        try:
            found = os.waitid(os.P_PIDFD, self.pidfd, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            return None
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


@dataclass(frozen=True, slots=True)
class Early:
    """An observer that was started before there was a plan: it loads what it needs, and waits."""

    end: socket.socket
    process: Started

    def dismiss(self) -> None:
        """There will be no plan."""
        self.process.kill()
        os.waitpid(self.process.pid, 0)
        os.close(self.process.pidfd)
        self.end.close()


class Starter(Protocol):
    """Something that starts observers."""

    def __call__(self, descriptor: int) -> Started:
        """Start one with this end of the channel. Raises OSError."""


def start_early(start: Starter) -> Early | None:
    """Start an observer beside the configuration child. None: that failed, and is tried again later."""
    try:
        ours, theirs = pair()
        with theirs:
            return Early(ours, start(theirs.fileno()))
    except OSError:
        return None


def start_observer(
    descriptor: int, environment: Mapping[str, str] = os.environ, user: ObserverUser | None = None
) -> Started:
    """Start the observer with this end of the channel, as `user` if there is one. Returns at once.

    Raises OSError.
    """
    own = {name: environment[name] for name in INHERITED if name in environment}
    # Without site packages (-S): those are loaded when all privileges are gone. In a session of its own:
    # Ctrl-C is for the router, and the observer writes its last lines.
    arguments = [str(descriptor), str(os.getpid())]
    start = partial(launch, ["-S", "-B"], _CODE, arguments, descriptor, own, apart=True)
    pid = start() if user is None else user.call(partial(start, become=user.ids))
    try:
        return Started(pid, os.pidfd_open(pid), user)
    except OSError:
        kill = partial(os.kill, pid, signal.SIGKILL)
        if user is None:
            kill()
        else:
            user.call(kill)
        os.waitpid(pid, 0)
        raise


def reap_orphans(ours: Collection[int | None]) -> None:
    """Reap what has died and was left to us, the init process of a container; not our own children."""
    with suppress(ChildProcessError):
        while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
            if found.si_pid in ours:
                return
            os.waitpid(found.si_pid, os.WNOHANG)
