"""Privileges of this process (capabilities(7), no_new_privs): read from the kernel, given up, and read again.

Everything here concerns the thread that calls it and threads and processes that it starts later.
Imports nothing of ours and little else: a process that handles what is foreign gives up its privileges
before it loads anything.
"""

import ctypes
import os
from dataclasses import dataclass
from typing import Final

# linux/capability.h
KILL: Final = 5
SETGID: Final = 6
SETUID: Final = 7
SETPCAP: Final = 8
NET_ADMIN: Final = 12
NET_RAW: Final = 13
NETWORK: Final = 1 << NET_ADMIN | 1 << NET_RAW
"""All that the router needs, as bits."""

# linux/prctl.h, linux/capability.h
_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_CAPABILITY_VERSION_3: Final = 0x20080522
_WORD: Final = 0xFFFFFFFF
_LAST: Final = 63
_FIRST_VICTIM: Final = "1000"


@dataclass(frozen=True, slots=True)
class Privileges:
    """Of one process, from /proc/PID/status: effective uid and gid, sets of capabilities as bits."""

    uid: int
    gid: int
    inheritable: int
    permitted: int
    effective: int
    bounding: int
    ambient: int
    no_new_privileges: bool

    def may(self, capability: int) -> bool:
        """Say whether a capability is effective."""
        return bool(self.effective >> capability & 1)


def of(pid: int | str = "thread-self") -> Privileges:
    """Return the privileges of a process, by default those of this thread. Raise OSError if there is none."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a lean process
        text = file.read()
    said = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return Privileges(
        uid=int(said["Uid"].split()[1]),
        gid=int(said["Gid"].split()[1]),
        inheritable=int(said["CapInh"], 16),
        permitted=int(said["CapPrm"], 16),
        effective=int(said["CapEff"], 16),
        bounding=int(said["CapBnd"], 16),
        ambient=int(said["CapAmb"], 16),
        no_new_privileges=said["NoNewPrivs"].strip() == "1",
    )


def keep(capabilities: int) -> Privileges:
    """Give up every capability but these (bits), and every way to regain one. Return what is left.

    The bounding set goes as well where that is allowed (SETPCAP). Raise OSError if the kernel refuses, or if
    afterwards there is more than that.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = of()
    # Neither a set-uid file nor being root gives back what goes now (no_new_privs.rst).
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)  # not known to kernels before 4.3
    bound(capabilities)
    left = before.permitted & capabilities
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = left & _WORD, left >> 32
    _checked(libc.capset(header, (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)), "capset")
    after = of()
    if (
        (after.effective | after.permitted) & ~capabilities
        or after.inheritable
        or after.ambient
        or not after.no_new_privileges
    ):
        raise OSError(f"capabilities are left that were given up: {after}")
    return after


def bound(capabilities: int) -> None:
    """Cut the bounding set to these (bits) where that is allowed (SETPCAP). Raise OSError if refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    if of().may(SETPCAP):
        for each in range(_LAST + 1):
            if not capabilities >> each & 1 and libc.prctl(_PR_CAPBSET_READ, each, 0, 0, 0) == 1:
                _checked(libc.prctl(_PR_CAPBSET_DROP, each, 0, 0, 0), "PR_CAPBSET_DROP")


def give_up() -> Privileges:
    """Leave this process without capabilities and without a way to regain them. Raise OSError if refused."""
    return keep(0)


def be_first_victim() -> None:
    """Have the kernel kill this process before all others when memory runs out. Raise OSError if refused."""
    path = "/proc/self/oom_score_adj"
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123 - a lean process
        file.write(_FIRST_VICTIM)
    with open(path, encoding="ascii") as file:  # noqa: PTH123
        if file.read().strip() != _FIRST_VICTIM:
            raise OSError("oom_score_adj did not become 1000")


def _checked(returned: int, what: str) -> None:
    if returned:
        code = ctypes.get_errno()
        raise OSError(code, f"{what} refused: {os.strerror(code)}")
