"""What signals do to the sidecar. None of them may end it without giving the VIPs back.

The default of most is to end the process at once: then the VIPs stay until their lease runs out, and the
peers wait three intervals. So every signal that can be caught and would do that is caught: those by which
people, container engines and init systems ask for an end are a stop in good order, the others are told in
the log and ignored. The C library keeps two signals below SIGRTMIN for itself, and nobody can catch them.
"""

import asyncio
import signal
from collections.abc import Callable
from typing import Final

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
"""Asks for what this version cannot do."""
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


def name_of(number: int) -> str:
    """Return the name by which kill(1) knows a signal."""
    if signal.SIGRTMIN < number < signal.SIGRTMAX:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return signal.Signals(number).name


def catch(
    stop: Callable[[int], None],
    status: Callable[[], None],
    ignored: Callable[[int, str], None],
) -> None:
    """Handle signals in the running loop. `ignored` gets the number of those that do nothing, and why."""
    loop = asyncio.get_running_loop()
    for number in STOP:
        loop.add_signal_handler(number, stop, number)
    loop.add_signal_handler(STATUS, status)
    loop.add_signal_handler(RELOAD, ignored, RELOAD, "this version cannot reload: restart it to apply a file")
    for number in IGNORED:
        loop.add_signal_handler(number, ignored, number, "it means nothing to the sidecar")
