"""The control of bounds on time: how late a process is that does nothing but wake up every 5 ms."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.netns.bounds import WAKES

Lateness = Callable[[], float]
"""Seconds that this machine may add to a bound on what happened since the last call."""

_CODE = """
import select, sys, time
worst, due = 0.0, time.monotonic()
print("ready", flush=True)
while True:
    due += 0.005
    asked, _, _ = select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))
    now = time.monotonic()
    worst, due = max(worst, now - due), max(due, now) if not asked else now
    if asked:
        if not sys.stdin.readline():
            break
        print(worst, flush=True)
        worst = 0.0
"""


@contextmanager
def measured() -> Iterator[Lateness]:
    """Measure in the block. The control has no part in what is tested: it is a process of its own."""
    argv = [sys.executable, "-I", "-S", "-c", _CODE]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as control:
        assert control.stdin is not None
        assert control.stdout is not None
        pipes = control.stdin, control.stdout
        assert pipes[1].readline() == "ready\n"

        def late() -> float:
            pipes[0].write("\n")
            pipes[0].flush()
            return WAKES * float(pipes[1].readline())

        yield late
        pipes[0].close()
