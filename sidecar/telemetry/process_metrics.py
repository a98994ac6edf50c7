"""What the two processes use, under the names that every Prometheus client has, with the label `process`.

The router does nothing for it: /proc is read here, at each scrape.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from sidecar.telemetry.metric import Kind, Metric
from sidecar.telemetry.processes import Processes

PROCESS_METRICS: Final = tuple(
    Metric(f"process_{name}", kind, ("process",), meaning)
    for name, kind, meaning in (
        ("cpu_seconds_total", Kind.COUNTER, "Seconds of a processor used, in user and system mode."),
        ("resident_memory_bytes", Kind.GAUGE, "Resident memory, with what it shares with the other process."),
        ("virtual_memory_bytes", Kind.GAUGE, "Virtual memory."),
        ("start_time_seconds", Kind.GAUGE, "Unix time of its start."),
        ("open_fds", Kind.GAUGE, "Open file descriptors."),
        ("max_fds", Kind.GAUGE, "File descriptors that it may have open."),
    )
)
_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_BOOTED: Final = "btime "
_LIMIT: Final = "Max open files"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process uses. A number is None where the kernel does not tell it to this user."""

    cpu_seconds: float
    resident: int
    virtual: int
    started: float
    open_fds: int | None
    max_fds: int | None


class ProcessCollector(Collector):
    """The collector that prometheus_client asks at every scrape. `processes`: None until they are known."""

    def __init__(self, processes: Callable[[], Processes | None], proc: Path = _PROC) -> None:
        self._processes = processes
        self._proc = proc

    def collect(self) -> Iterator[Family]:
        """Yield every family. A process that has just ended has no sample."""
        families = {
            metric.name: (CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily)(
                metric.name, metric.help, labels=metric.labels
            )
            for metric in PROCESS_METRICS
        }
        for process, pid in self._pids():
            used = usage(pid, self._proc)
            if used is None:
                continue
            numbers = (
                used.cpu_seconds, used.resident, used.virtual, used.started, used.open_fds, used.max_fds,
            )  # fmt: skip
            for family, number in zip(families.values(), numbers, strict=True):
                if number is not None:
                    family.add_metric((process,), number)
        yield from families.values()

    def _pids(self) -> Iterator[tuple[str, int]]:
        known = self._processes()
        if known is not None:
            yield "observer", known.observer.pid
            if known.router is not None:
                yield "router", known.router.pid


def usage(pid: int, proc: Path = _PROC) -> Usage | None:
    """Return what a process uses, None if there is none (proc_pid_stat(5))."""
    folder = proc / str(pid)
    try:
        # The name is in parentheses and may contain anything, parentheses too.
        fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        limits = (folder / "limits").read_text(encoding="ascii")
        booted = (proc / "stat").read_text(encoding="ascii").partition(_BOOTED)[2].split()[0]
    except (OSError, IndexError):
        return None
    return Usage(
        cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICKS,
        started=int(booted) + int(fields[19]) / _TICKS,
        virtual=int(fields[20]),
        resident=int(fields[21]) * _PAGE,
        open_fds=_open_fds(folder / "fd"),
        max_fds=_limit(limits),
    )


def _open_fds(folder: Path) -> int | None:
    """Return how many there are. That of another user cannot be read, and tells it by its size.

    It does so from Linux 6.2 on; before that its size is 0.
    """
    try:
        try:
            return sum(1 for _ in folder.iterdir())
        except PermissionError:
            return folder.stat().st_size or None
    except OSError:
        return None


def _limit(limits: str) -> int | None:
    soft = limits.partition(_LIMIT)[2].split()[:1]
    return int(soft[0]) if soft and soft[0].isdigit() else None
