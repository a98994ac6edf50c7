"""Watches over one program: everything that it starts ends with it.

This process leads a session, the program a process group in it. Every process below it stays below this
one, also one that goes into another session (PR_SET_CHILD_SUBREAPER). When the program ends, or SIGTERM
asks for it, or the fork server dies, all of them are killed and reaped; then this process ends.

News are lines in a pipe: "failed" and why it could not be started, "ended" and its exit status.
"""

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from sidecar.programs.child_processes import adopt_orphans, children, die_with_parent, kill

_WATCHED: Final = {signal.SIGTERM, signal.SIGCHLD}
_NOT_STARTED: Final = 126


def watch(
    program: str, argv: Sequence[str], news: int, parent: int, fork: Callable[[], int] = os.fork
) -> NoReturn:
    """Run the program, tell how it ended, and end. `parent` is the fork server; `fork` is as os.fork."""
    adopt_orphans()
    die_with_parent(parent)
    try:
        child = _start(program, argv, news, fork)
    except OSError as error:
        fail(error, news)
    status = _wait(child)
    _clear(child)
    if status is not None:
        _tell(news, f"ended {status}\n")
    os._exit(0)


def fail(error: Exception, news: int) -> NoReturn:
    """Tell why the program was not started, and end."""
    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)
    _tell(news, f"failed {reason}\n")
    os._exit(_NOT_STARTED)


def _start(program: str, argv: Sequence[str], news: int, fork: Callable[[], int]) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    watcher = os.getpid()
    child = fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)
        die_with_parent(watcher, signal.SIGKILL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and that would be inherited
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        os.execvp(program, [*argv])  # noqa: S606 - the point of all this
    except (OSError, ValueError) as error:
        fail(_explained(error, program), news)
    finally:
        os._exit(_NOT_STARTED)


def _explained(error: Exception, program: str) -> Exception:
    """Return an error that says what is wrong where the system's words lead astray (execve(2))."""
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT and os.path.exists(program):  # noqa: PTH110 - this process imports next to nothing
        return ValueError("its interpreter does not exist, or its first line ends in CR LF")
    if code == errno.ENOEXEC:
        return ValueError("it is no program for this machine; a script begins with a line such as #!/bin/sh")
    return error


def _wait(child: int) -> int | None:
    """Return the exit status of the program (negative: a signal), or None when it must be ended."""
    while signal.sigwait(_WATCHED) is not signal.SIGTERM:
        with contextlib.suppress(ChildProcessError):
            while (reaped := os.waitpid(-1, os.WNOHANG))[0]:
                if reaped[0] == child:
                    return os.waitstatus_to_exitcode(reaped[1])
    return None


def _clear(child: int) -> None:
    """Kill and reap everything below: the group at once, then whoever has left it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    while True:
        for pid in children():
            kill(pid)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _tell(news: int, text: str) -> None:
    os.write(news, text.encode(errors="replace")[:1024])
