"""The processes of a daemon, and the processor time that they take."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.netns.processes import below

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    return [pid, *below(pid)]


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used so far, without its children."""
    # The name in brackets may hold spaces; utime and stime are fields 14 and 15 of the line.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def processor_share(pid: int, work: Callable[[], None]) -> float:
    """How much of a processor a daemon took while this was done, in percent. Its processes must live on."""
    members, begun = family(pid), time.monotonic()
    before = {member: processor_seconds(member) for member in members}
    work()
    used = sum(processor_seconds(member) - before[member] for member in members)
    return 100 * used / (time.monotonic() - begun)
