"""The cost of one daemon: memory and processor time of its processes while it is master."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from bench.statistics import Measure, Row, summarise
from tests.netns.lab import Lab

_TICKS = os.sysconf("SC_CLK_TCK")
_RSS = Measure("idle: resident memory", 45.0, every=True, unit="MiB")
_PSS = Measure("idle: proportional memory", unit="MiB")
_CPU = Measure("idle: processor", 0.5, every=True, unit="% of a core")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(found for child in children for found in family(int(child)))]


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used so far, without its children."""
    # The name in brackets may hold spaces; utime and stime are fields 14 and 15 of the line.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _mebibytes(pid: int, key: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


def processor_share(pid: int, work: Callable[[], None]) -> float:
    """How much of a processor a daemon took while this was done, in percent. Its processes must live on."""
    members, begun = family(pid), time.monotonic()
    before = {member: processor_seconds(member) for member in members}
    work()
    used = sum(processor_seconds(member) - before[member] for member in members)
    return 100 * used / (time.monotonic() - begun)


def idle(lab: Lab, runs: int, seconds: float = 60.0) -> list[Row]:
    """Rows for memory and processor time of host a's daemon, `runs` windows of `seconds` each."""
    pid = lab.hosts["a"].daemon.pid
    cpu, rss, pss = [], [], []
    for _ in range(runs):
        cpu.append(processor_share(pid, lambda: time.sleep(seconds)))
        members = family(pid)
        rss.append(sum(_mebibytes(member, "Rss") for member in members))
        pss.append(sum(_mebibytes(member, "Pss") for member in members))
    return [summarise(_RSS, rss), summarise(_PSS, pss), summarise(_CPU, cpu)]
