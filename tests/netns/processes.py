"""The processes of a sidecar from outside, and what can be done to the channel between them."""

import ctypes
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PIDFD_GETFD: Final = 438
_MARK: Final = b"sidecar.observer.start"


def children(pid: int) -> list[int]:
    """The children of a process, as this process sees them."""
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, listed.read_text().split())
        except OSError:
            continue
    return found


def below(pid: int) -> Iterator[int]:
    """Everything that a process and its children have started."""
    for child in children(pid):
        yield child
        yield from below(child)


def command(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return []


def observer(router: int) -> int | None:
    """The process id of the observer of this router; None: there is none now."""
    return next((pid for pid in children(router) if any(_MARK in word for word in command(pid))), None)


def await_observer(router: int, other_than: int | None = None, within: float = 30.0) -> int:
    """Wait for an observer, one that is not the given one."""
    ends = time.monotonic() + within
    while (found := observer(router)) in (None, other_than):
        assert time.monotonic() < ends, "no observer"
        time.sleep(0.01)
    assert found is not None
    return found


def gone(pid: int) -> bool:
    """Whether a process is dead, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def status(pid: int) -> dict[str, str]:
    """The kernel's facts about a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def channel(pid: int) -> socket.socket:
    """The observer's own end of the channel: what is sent through it, the observer says."""
    descriptor = int(command(pid)[-2])
    pidfd = os.pidfd_open(pid)
    try:
        taken = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
    finally:
        os.close(pidfd)
    if taken < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    end = socket.socket(fileno=taken)
    end.setblocking(False)
    return end
