"""Runs the program of an exec check, after having given up everything that it does not need.

Run as a file by an interpreter of its own; whatever hangs here (a dead disk) is killed with it.
Arguments: the folder of our package, a descriptor for news, uid and gid or "-", seconds of processor
time, and the program with its arguments. News are lines: "group" and the process group of the
program, "failed" and why it could not be started, "ended" and its exit status.

Every process that the program starts stays below this one, also one that goes into a session of its
own (PR_SET_CHILD_SUBREAPER). When the program ends, or SIGTERM asks for it, or the sidecar dies, all
of them are killed and reaped; then this process ends.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

_CAP_KILL, _CAP_SETGID, _CAP_SETUID = 5, 6, 7
_NEEDED = (1 << _CAP_KILL) | (1 << _CAP_SETGID) | (1 << _CAP_SETUID)
# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 16 * 1024 * 1024,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: 128,
}
_WATCHED = {signal.SIGTERM, signal.SIGCHLD}
_NOT_STARTED = 126
_NICE = 5
"""Adverts and nginx come first, and a program that floods or forks must not crowd them out."""


def main() -> NoReturn:
    """Run the program, or say why not; then end."""
    os.nice(_NICE)
    package, news, uid, gid, seconds, *argv = sys.argv[1:]
    sys.path.insert(0, package)
    from sidecar.checks.privileges import give_up  # noqa: PLC0415 - the path is known now
    from sidecar.config.program import UnsafeProgramError, safe_path  # noqa: PLC0415

    try:
        program = safe_path(argv[0])
        if uid != "-":
            _become(int(uid), int(gid))
        _limit(int(seconds))
        give_up()
        _watch_over_all()
        child = _start(program, argv, int(news))
    except (UnsafeProgramError, OSError) as error:
        _tell(int(news), f"failed {argv[0]}: {_reason(error)}\n")
        os._exit(_NOT_STARTED)
    ended = _wait(child)
    _clear(child)
    if ended is not None:
        _tell(int(news), f"ended {ended}\n")
    os._exit(0)


def _start(program: str, argv: list[str], news: int) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, as it may be inherited, it would lose the status
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        _tell(news, f"group {os.getpid()}\n")
        os.set_inheritable(news, False)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and that would be inherited
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        os.execve(program, argv, dict(os.environ))  # noqa: S606 - the point of all this
    except OSError as error:
        _tell(news, f"failed {argv[0]}: {_reason(error)}\n")
    os._exit(_NOT_STARTED)


def _wait(child: int) -> int | None:
    """Return the exit status of the program (negative: a signal), or None when it shall be ended."""
    while signal.sigwait(_WATCHED) is not signal.SIGTERM:
        with contextlib.suppress(ChildProcessError):
            while (reaped := os.waitpid(-1, os.WNOHANG))[0]:
                if reaped[0] == child:
                    return os.waitstatus_to_exitcode(reaped[1])
    return None


def _clear(child: int) -> None:
    """Kill and reap everything below: the group at once, then whoever has left it."""
    mine = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        for pid in mine.read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _reason(error: Exception) -> str:
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)


def _tell(news: int, text: str) -> None:
    os.write(news, text.encode(errors="replace")[:1024])


def _become(uid: int, gid: int) -> None:
    if (uid, gid) == (os.geteuid(), os.getegid()):
        return
    if _effective() & _NEEDED != _NEEDED:
        raise OSError(
            f"may not become uid {uid}: start the sidecar as root with SETUID, SETGID and KILL, "
            f"or write `user: {os.geteuid()}:{os.getegid()}`"
        )
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _effective() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def _limit(seconds: int) -> None:
    for which, most in {**_LIMITS, resource.RLIMIT_CPU: seconds}.items():
        _, hard = resource.getrlimit(which)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (bound, bound))


def _watch_over_all() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Becoming another user has cleared it, so it is asked for here.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


if __name__ == "__main__":
    main()
