"""The process check: a process of this name runs. Its death is told by a pidfd, its return by looking.

Watched are the outermost processes of the name, for nginx the masters. When the last of them dies
its children may live on; nginx workers even go on serving, but nobody will ever restart or
reconfigure them. Such orphans do not count; those of nginx are known by their title even if the
master died before we looked. A new master that an old one started does count, so a binary upgrade
is no failure.
"""

import asyncio
import os
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Final

from sidecar.checks.probe import Report, Tools, Watch
from sidecar.checks.process import procfs
from sidecar.checks.process.pidfd import Pidfd, watch_exit
from sidecar.checks.process.procfs import Census, Root
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import ProcessCheck
from sidecar.programs.process import Process, read

_RESCAN: Final = 0.25
_REFRESH: Final = 30.0
_TOLD: Final = 0.02
"""Seconds from the report of a death to the whole look: the report needs the processor first."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_TICK_SLACK: Final = 2


@dataclass(frozen=True, slots=True)
class _Death:
    """A process that has ended, and when that was noticed."""

    process: Process
    noticed: float
    """Clock ticks since boot."""


def build(check: ProcessCheck, tools: Tools) -> Watch:  # noqa: ARG001 - every builder has this form
    """Return the watch of a process check."""
    return ProcessWatch(check.process)


class ProcessWatch:
    """Reports the first state and every change. All results are facts."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._alive: dict[Process, Pidfd] = {}
        self._deaths: deque[_Death] = deque(maxlen=16)
        self._orphaned = False
        self._changed = asyncio.Event()

    async def run(self, report: Report) -> None:
        """Report until cancelled. Raise OSError when the kernel refuses pidfds."""
        last: CheckResult | None = None
        census, quick = Census(self._name), False
        try:
            while True:
                self._changed.clear()
                self._adopt(await census.roots(quick=quick))
                result = self._result()
                if result != last:
                    report(result)
                    last = result
                # A death is told after a quick look for another process; a whole look follows.
                if quick:
                    await asyncio.sleep(_TOLD)
                    quick = False
                else:
                    quick = await self._changes(_REFRESH if self._alive else _RESCAN)
        finally:
            for pidfd in self._alive.values():
                pidfd.close()

    async def _changes(self, seconds: float) -> bool:
        """Wait so long for a death. Return whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                return await self._changed.wait()
        except TimeoutError:
            return False

    def _adopt(self, roots: list[Root]) -> None:
        known = {(process.pid, process.start) for process in self._alive}
        self._orphaned = False
        for root in roots:
            process = root.process
            if (process.pid, process.start) in known:
                continue
            if self._is_orphan(root):
                self._orphaned = True
                continue
            pidfd = watch_exit(process.pid, partial(_is_still, process), partial(self._died, process))
            if pidfd is not None:
                self._alive[process] = pidfd

    def _is_orphan(self, root: Root) -> bool:
        process = root.process
        if procfs.is_nginx_worker(process.pid):
            return True
        if root.family or process.group == process.pid:
            return False
        return any(
            death.process.group == process.group and process.start < death.noticed - _TICK_SLACK
            for death in self._deaths
        )

    def _died(self, process: Process) -> None:
        del self._alive[process]
        self._deaths.append(_Death(process, time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS))
        self._changed.set()

    def _result(self) -> CheckResult:
        if self._alive:
            pids = sorted(process.pid for process in self._alive)
            detail = f"pid {pids[0]} runs" if len(pids) == 1 else f"{len(pids)} run, pid {pids[0]} the first"
            return CheckResult(Outcome.PASS, detail, decisive=True)
        if self._deaths:
            return CheckResult(Outcome.FAIL, f"pid {self._deaths[-1].process.pid} died", decisive=True)
        detail = "only workers without their master run" if self._orphaned else "no such process"
        return CheckResult(Outcome.FAIL, detail, decisive=True)


def _is_still(process: Process) -> bool:
    now = read(process.pid)
    return now is not None and now.lives and now.start == process.start
