"""What signals do to the sidecar. None of them may end it without giving the VIPs back.

The default of most is to end the process at once: then the VIPs stay until their lease runs out, and the
peers wait three intervals. So every signal that can be caught and would do that is caught: those by which
people, container engines and init systems ask for an end are a stop in good order, the others are told in
the log and ignored. SIGPIPE and SIGXFSZ are ignored by Python, and the kernel's own (SIGSEGV ...) are left
alone, as are SIGCHLD, SIGCONT, SIGURG and SIGWINCH, which do nothing, and the stop signals.
"""

import asyncio
import signal
from collections.abc import Callable
from typing import Final

STOP: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGPWR)
"""Resign, remove the VIPs, end: docker stop, Ctrl-C, STOPSIGNAL SIGQUIT, a power failure."""
STATUS: Final = signal.SIGUSR1
"""The status goes to the log."""
RELOAD: Final = signal.SIGHUP
"""Asks for what this version cannot do."""
IGNORED: Final = (
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGSTKFLT,
    signal.SIGXCPU,
)
"""Would end the process by default, and nobody means that by them."""


def catch(
    stop: Callable[[signal.Signals], None],
    status: Callable[[], None],
    ignored: Callable[[signal.Signals, str], None],
) -> None:
    """Handle signals in the running loop. `ignored` gets those that do nothing, and why."""
    loop = asyncio.get_running_loop()
    for number in STOP:
        loop.add_signal_handler(number, stop, number)
    loop.add_signal_handler(STATUS, status)
    loop.add_signal_handler(RELOAD, ignored, RELOAD, "this version cannot reload: restart it to apply a file")
    for number in IGNORED:
        loop.add_signal_handler(number, ignored, number, "it means nothing to the sidecar")
