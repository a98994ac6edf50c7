"""The code of this process is kept in memory (mlock2(2)), so that no advert waits for a disk.

A process that wakes up once a second is what a kernel that is short of memory pages out first, swap or not: a
program is a file, its pages are dropped and read again. keepalived has `vrrp_no_swap` for that.

Only what was in memory once is kept (on fault): nothing is loaded for it, and memory does not grow.
"""

import ctypes
import resource
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

# linux/mman.h
_MLOCK_ONFAULT: Final = 1
_MCL_CURRENT: Final = 1
_MCL_FUTURE: Final = 2
_MCL_ONFAULT: Final = 4
_FIELDS: Final = 6


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of /proc/PID/maps: first address, length in bytes, whether it is code, and of which file."""

    start: int
    length: int
    code: bool
    path: str


def lock() -> int:
    """Keep in memory what may be kept of this process. Return how many bytes of its mappings that are.

    All of it, and what is mapped later, where RLIMIT_MEMLOCK is unlimited. Else what is mapped now, code
    first, as far as the limit goes, which IPC_LOCK lifts. Without either it is 0: the process works as well,
    and can be paged out.
    """
    with suppress(OSError, AttributeError):  # a /proc that cannot be read, a C library without these calls
        libc = ctypes.CDLL(None, use_errno=True)
        soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        # What is mapped later, only where nothing can refuse it: a refusal is a failed allocation.
        everything = _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT
        if soft != resource.RLIM_INFINITY or libc.mlockall(everything):
            for each in _by_weight(_mappings()):
                # Refused is what is beyond the limit; what comes after it may be small enough.
                libc.mlock2(ctypes.c_void_p(each.start), ctypes.c_size_t(each.length), _MLOCK_ONFAULT)
    return locked()


def locked(pid: int | str = "self") -> int:
    """Return how many bytes of a process's mappings are locked; 0 where that cannot be read."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a lean process
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmLck:"))
    except (OSError, StopIteration):
        return 0


def _by_weight(mappings: list[Mapping]) -> list[Mapping]:
    """Code before data, files before what is anonymous, the small ones first, so that the limit holds many.

    A stack is left out: it grows by itself, and one that is locked ends the process where it meets the limit.
    """
    kept = (each for each in mappings if each.path[:1] != "[" or each.path == "[heap]")
    return sorted(kept, key=lambda each: (not each.code, each.path[:1] != "/", each.length))


def _mappings() -> list[Mapping]:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a lean process
        return [_parsed(line) for line in file]


def _parsed(line: str) -> Mapping:
    """Read a line of proc_pid_maps(5): `7f0c5e00-7f0c5e21 r-xp 00002000 fe:00 1311 /lib/libc.so.6`."""
    words = line.rstrip("\n").split(None, _FIELDS - 1)
    first, last = words[0].split("-")
    start = int(first, 16)
    return Mapping(start, int(last, 16) - start, "x" in words[1], words[5] if len(words) == _FIELDS else "")
