"""The effect of signals on the sidecar. None of them may end it without giving the VIPs back.

The default of most is to end the process at once: then the VIPs stay until their lease runs out, and the
peers wait three intervals. So every signal that can be caught and would do that is caught: those by which
people, container engines and init systems ask for an end are a stop in good order, the others are told in
the log and ignored. The C library keeps two signals below SIGRTMIN for itself, and nobody can catch them.
"""

import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final

from sidecar.event_loop import EventLoop

_HALT: Final = signal.SIGRTMIN + 3
STOP: Final[tuple[int, ...]] = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGPWR,
    signal.SIGABRT,
    signal.SIGSYS,
    _HALT,
)
"""Resign, remove the VIPs, end: docker stop, Ctrl-C, STOPSIGNAL SIGQUIT, a power failure, a watchdog, a
filter of system calls (after it nothing is certain), STOPSIGNAL SIGRTMIN+3."""
STATUS: Final = signal.SIGUSR1
"""The status goes to the log."""
RELOAD: Final = signal.SIGHUP
"""The configuration is read again."""
IGNORED: Final[tuple[int, ...]] = (
    signal.SIGUSR2,
    signal.SIGTRAP,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGSTKFLT,
    signal.SIGXCPU,
    *(number for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1) if number != _HALT),
)
"""Would end the process by default, and nobody means that by them."""
LEFT_ALONE: Final = frozenset(
    {
        *(signal.SIGKILL, signal.SIGSTOP),
        *(signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL),
        *(signal.SIGPIPE, signal.SIGXFSZ),
        *(signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH),
        *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    }
)
"""Cannot be caught; follow a fault of the program, which a handler would repeat for ever; are ignored by
Python; do nothing by default; only stop the process."""
_ROOM: Final = 4096
"""Bytes read in one go: more than the kernel keeps."""


_held: dict[int, None] = {}
"""Caught before there were Signals, in order, each once."""


def hold() -> None:
    """Until there are Signals: a stop ends this process, and they handle everything else.

    Loading and reading the file may take long. The first process of a container would not even hear of a
    stop meanwhile, and any other one would be ended by a wish to reload.
    """
    for number in (*IGNORED, STATUS, RELOAD):
        signal.signal(number, _hold)
    for number in STOP:
        signal.signal(number, _leave)


def _hold(number: int, _frame: FrameType | None) -> None:
    _held[number] = None


def _leave(number: int, _frame: FrameType | None) -> None:
    # By the descriptor: what it interrupts may be writing, too.
    os.write(2, f"stopped by {name_of(number)} before it began\n".encode())
    raise SystemExit(0)


def name_of(number: int) -> str:
    """Return the name by which kill(1) knows a signal."""
    if signal.SIGRTMIN < number < signal.SIGRTMAX:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return signal.Signals(number).name


class Signals:
    """Handles signals as events of a loop, from construction to `close`. For the main thread.

    `ignored` gets the number of those that do nothing, and why.
    """

    def __init__(
        self,
        loop: EventLoop,
        stop: Callable[[int], None],
        status: Callable[[], None],
        reload: Callable[[], None],
        ignored: Callable[[int, str], None],
    ) -> None:
        self._loop = loop
        self._actions: dict[int, Callable[[], None]] = {
            **{number: partial(stop, number) for number in STOP},
            **{number: partial(ignored, number, "it means nothing to the sidecar") for number in IGNORED},
            STATUS: status,
            RELOAD: reload,
        }
        self._pending: dict[int, None] = {}
        """Caught and not handled yet, in order, each once."""
        self._bell, self._caught = socket.socketpair()
        self._bell.setblocking(False)
        self._caught.setblocking(False)
        # Python writes a byte for each caught signal there, whatever it is doing. Some 280 of them fit: so a
        # byte wakes the loop and says nothing, and a stop is not lost in a storm of others.
        signal.set_wakeup_fd(self._caught.fileno(), warn_on_full_buffer=False)
        loop.watch(self._bell.fileno(), self._arrived)
        for number in self._actions:
            signal.signal(number, self._note)
        self._pending |= _held
        _held.clear()
        loop.call_soon(self._handle)

    def close(self) -> None:
        """Handle no more: what is caught from now on does nothing."""
        signal.set_wakeup_fd(-1)
        self._loop.forget(self._bell.fileno())
        self._bell.close()
        self._caught.close()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        """Run between two instructions of this thread, at the latest when the byte of the signal was read."""
        self._pending[number] = None

    def _arrived(self) -> None:
        self._bell.recv(_ROOM)
        self._handle()

    def _handle(self) -> None:
        pending, self._pending = self._pending, {}
        for number in pending:
            self._actions[number]()
