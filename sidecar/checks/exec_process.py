"""Becomes the program of an exec check, after having given up everything it does not need.

Run as a file by an interpreter of its own; whatever hangs here (a dead disk) is killed with it.
Arguments: the folder of our package, the descriptor for bad news, uid and gid or "-", seconds of
processor time, and the program with its arguments. Bad news is one line of text; without any, the
program was started.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

_CAP_KILL, _CAP_SETGID, _CAP_SETUID = 5, 6, 7
_NEEDED = (1 << _CAP_KILL) | (1 << _CAP_SETGID) | (1 << _CAP_SETUID)
# linux/prctl.h, linux/capability.h
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 16 * 1024 * 1024,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: 128,
}


def main() -> NoReturn:
    """Replace this process, or say why not and end."""
    package, news, uid, gid, seconds, *argv = sys.argv[1:]
    os.set_inheritable(int(news), False)
    try:
        sys.path.insert(0, package)
        from sidecar.config.program import UnsafeProgramError, safe_path  # noqa: PLC0415 - the path is known now

        try:
            program = safe_path(argv[0])
            if uid != "-":
                _become(int(uid), int(gid))
            _limit(int(seconds))
            _give_up_privileges()
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)  # Python ignores them, and that would be inherited
            os.execve(program, argv, dict(os.environ))  # noqa: S606 - the point of all this
        except UnsafeProgramError as error:
            reason = str(error)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    os.write(int(news), f"{argv[0]}: {reason}".encode(errors="replace")[:1024])
    os._exit(126)


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


def _give_up_privileges() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # Neither a set-uid file nor being root gives back what goes now (no_new_privs.rst).
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs refused")
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset refused")


if __name__ == "__main__":
    main()
