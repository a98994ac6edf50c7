"""Processes as /proc shows them (proc(5)). A process that vanishes while it is read was not there."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidecar.programs.process import Process, read

_PROC: Final = Path("/proc")
_COMM_BYTES: Final = 15
_SCAN_SLICE: Final = 64
_TICKS: Final = os.sysconf("SC_CLK_TCK")
SETTLED: Final = 60.0
"""Seconds of life after which no other program is expected in a process: scripts end by executing one."""
_NGINX_CHILDREN: Final = ("nginx: worker process", "nginx: cache ")


@dataclass(frozen=True, slots=True)
class Root:
    """A process of the wanted name whose parent has another name. `family`: it has children of that name."""

    process: Process
    family: bool


class Census:
    """Looks for the processes of one name, without holding up the loop.

    It remembers which processes have another one. A quick look reads nothing of those that had it for a
    minute, and of younger ones the short name (comm), which changes when they execute another program: its
    time depends on what is new on the host, not on what runs there.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._others: dict[int, bytes] = {}
        """Short names by pid."""
        self._settled: set[int] = set()

    async def roots(self, *, quick: bool = False) -> list[Root]:
        """Return the living processes of the name whose parents have another one.

        A `quick` look may miss one that has changed its title, or has the pid of one that was known.
        """
        found: dict[int, Process] = {}
        known = self._others if quick else {}
        others: dict[int, bytes] = {}
        settled: set[int] = set()
        youngest = (time.clock_gettime(time.CLOCK_BOOTTIME) - SETTLED) * _TICKS
        pids = [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()]  # noqa: PTH208 - names suffice
        for count, pid in enumerate(pids, start=1):
            if quick and pid in self._settled:
                others[pid] = known[pid]
                settled.add(pid)
                continue
            comm = _comm(pid)
            process = None if known.get(pid) == comm else read(pid)
            if process is not None and process.lives and _is_called(process, self._name):
                found[pid] = process
            else:
                others[pid] = comm
                if process is not None and process.start <= youngest:
                    settled.add(pid)
            if count % _SCAN_SLICE == 0:
                await asyncio.sleep(0)
        self._others, self._settled = others, settled
        parents = {process.parent for process in found.values()}
        return [Root(p, p.pid in parents) for p in found.values() if p.parent not in found]


def _comm(pid: int) -> bytes:
    """Return the short name of a process, b"" if it is gone."""
    try:
        descriptor = os.open(f"/proc/{pid}/comm", os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 64)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _is_called(process: Process, name: str) -> bool:
    if process.comm == name and len(name) <= _COMM_BYTES:
        return True
    return _title(process.pid).rpartition("/")[2] == name


def is_nginx_worker(pid: int) -> bool:
    """Say whether the process calls itself a worker of nginx, or the manager or loader of its cache."""
    return _title(pid).startswith(_NGINX_CHILDREN)


def _title(pid: int) -> str:
    """Return the first word of the command, or what the process has written there."""
    try:
        command = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return os.fsdecode(command.partition(b"\0")[0])


def belongs_to_container(pid: int, container: str) -> bool:
    """Say whether `pid` is visible here and a process of the container with this full id.

    The number comes from the engine and counts in the engine's pid namespace; in ours it may be
    somebody else. The control group names the container, or else its mounts do.
    """
    for file in ("cgroup", "mountinfo"):
        try:
            if container in (_PROC / str(pid) / file).read_text(encoding="utf-8", errors="replace"):
                return True
        except OSError:
            return False
    return False
