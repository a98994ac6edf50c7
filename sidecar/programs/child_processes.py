"""Ends of processes: children that end with their parent, and orphans that are left."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

from sidecar.programs.process import read

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Get a signal when `parent` dies, which must be our parent now. Becoming another user undoes it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it has died before we asked
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Become the parent of every process below us whose own parent dies."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """Return the process ids of our children, dead ones that nobody has reaped included.

    One that is there may be left out when others die meanwhile (proc_pid_children(5)).
    """
    try:
        return listed_children()
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return found_children()


def listed_children() -> set[int]:
    """Return our children as the kernel lists them. Raise FileNotFoundError if it does not."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(pid) for pid in listed.split()}


def found_children() -> set[int]:
    """Return our children, found by looking at every process."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in pids if (found := read(pid)) is not None and found.parent == os.getpid()}


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Signal a child that nobody has reaped. One that may not be signalled is left alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
