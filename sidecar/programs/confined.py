"""The program of an exec check: run after having given up everything that it does not need.

A call that hangs here (a dead disk) is killed with this process.
"""

import contextlib
import os
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from sidecar.privileges import KILL, SETGID, SETUID, give_up, of
from sidecar.programs.safe_path import UnsafeProgramError, safe_path
from sidecar.programs.watcher import fail, watch

_NEEDED: Final = 1 << KILL | 1 << SETGID | 1 << SETUID
_LIMITS: Final = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 16 * 1024 * 1024,
    resource.RLIMIT_NOFILE: 256,
}
_ROOM: Final = 128
"""Processes that a program may have besides those that its user has already."""
_FULL: Final = (
    "its user or its container has as many processes as it may have (`ulimit -u`, `pids_limit`, `TasksMax=`)"
)
_NICE: Final = 10
"""Adverts and nginx come first, and a program that floods or forks must not crowd them out."""


def run(descriptors: Sequence[int], arguments: Sequence[str]) -> NoReturn:
    """Run it under a watcher that is as confined. Descriptors: output and news.

    Arguments: uid and gid or "-", seconds of processor time, and the program with its arguments.
    """
    parent = os.getppid()
    uid, gid, seconds, *argv = arguments
    try:
        _be_nice()
        program = safe_path(argv[0])
        if uid != "-":
            _become(int(uid), int(gid))
        _limit(int(seconds))
        give_up()
    except (UnsafeProgramError, OSError, ValueError) as error:
        fail(error, descriptors[1])
    watch(program, argv, descriptors[1], parent, _fork)


def _be_nice() -> None:
    os.nice(_NICE)
    # Where sessions share the processor (sched(7), autogroups), being nice counts within the session only.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICE), encoding="ascii")


def _become(uid: int, gid: int) -> None:
    if (uid, gid) == (os.geteuid(), os.getegid()):
        return
    if of().effective & _NEEDED != _NEEDED:
        raise OSError(
            f"may not become uid {uid}: the process that runs programs has no capability; "
            f"remove `user`, or write `user: {os.geteuid()}:{os.getegid()}`"
        )
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _limit(seconds: int) -> None:
    for which, most in {**_LIMITS, resource.RLIMIT_CPU: seconds}.items():
        bound = _allowed(which, most)
        resource.setrlimit(which, (bound, bound))


def _fork() -> int:
    """Fork; the child may start _ROOM processes, and no more than twice as many.

    The kernel counts the processes of a user on the whole host, those of other containers included, and tells
    nobody how many they are (setrlimit(2)): the least limit under which a fork succeeds shows it.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = _ROOM
    while True:
        bound = _allowed(resource.RLIMIT_NPROC, most)
        resource.setrlimit(resource.RLIMIT_NPROC, (bound, hard))
        try:
            child = os.fork()
        except BlockingIOError:
            if bound < most or (most == _ROOM and not _could_fork(hard)):
                raise OSError(_FULL) from None
            most += _ROOM
            continue
        if child == 0:
            bound = _allowed(resource.RLIMIT_NPROC, most + _ROOM)
            resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))
        return child


def _could_fork(hard: int) -> bool:
    """Whether it is our limit alone that forbids it. A control group's says the same (EAGAIN, fork(2))."""
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    try:
        child = os.fork()
    except BlockingIOError:
        return False
    if child == 0:
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return True


def _allowed(which: int, most: int) -> int:
    """Return this limit, or that of our own if it is lower."""
    _, hard = resource.getrlimit(which)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)
