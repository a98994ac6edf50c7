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
    resource.RLIMIT_NPROC: 128,
}
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
    watch(program, argv, descriptors[1], parent)


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
        _, hard = resource.getrlimit(which)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (bound, bound))
