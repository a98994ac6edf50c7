"""Lateness of adverts beside a control: a process that does nothing but wake up at the same pace."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

_CODE = """
import select, sys, time
every = float(sys.argv[1])
late, due = [], time.monotonic() + every
print("ready", flush=True)
while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
    late.append(time.monotonic() - due)
    due += every
print(*late, flush=True)
"""


@dataclass(slots=True)
class Control:
    """How late it was, each time."""

    late: list[float] = field(default_factory=list)


@contextmanager
def control(every: float) -> Iterator[Control]:
    """Measure in the block."""
    measured = Control()
    argv = [sys.executable, "-I", "-S", "-c", _CODE, str(every)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield measured
        process.stdin.close()
        measured.late += map(float, process.stdout.read().split())


def lateness(stamps: Sequence[float], interval: float) -> list[float]:
    """How much later than an interval after the one before it each advert was sent. Never negative."""
    return [max(0.0, later - earlier - interval) for earlier, later in pairwise(stamps)]


def p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
