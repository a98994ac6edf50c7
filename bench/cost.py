"""Processor time of a sidecar with one router and no check: `python -m bench.cost --runs 3` (root).

As MASTER and as BACKUP, at intervals of 1 s, 100 ms and 10 ms, in CPU seconds an hour over all processes and
threads of it (proc_pid_schedstat(5), in nanoseconds). The work of the kernel on behalf of others, such as the
queues of the device, is not in it.
"""

import argparse
import sys
import time
from pathlib import Path

from bench.idle import family
from bench.statistics import Measure, Row, markdown, summarise
from tests.netns.lab import Host, Lab
from tests.netns.vrrp_daemon import Setup

INTERVALS = (1.0, 0.1, 0.01)
SETTLED = 10.0
_HOUR = 3600.0
_TARGETS = {1.0: 4.0, 0.1: 15.0, 0.01: 100.0}


def used(pid: int) -> float:
    """Return the seconds of processor time that all threads of a process and of its descendants have used."""
    threads = [thread for each in family(pid) for thread in Path(f"/proc/{each}/task").iterdir()]
    spent = ((thread / "schedstat").read_text(encoding="ascii").split()[0] for thread in threads)
    return sum(map(int, spent)) / 1e9


def _hourly(hosts: list[Host], seconds: float) -> list[float]:
    pids = [host.daemon.pid for host in hosts]
    before, began = [used(pid) for pid in pids], time.monotonic()
    time.sleep(seconds)
    after, lasted = [used(pid) for pid in pids], time.monotonic() - began
    return [(late - early) / lasted * _HOUR for early, late in zip(before, after, strict=True)]


def measure(interval: float, runs: int, seconds: float) -> list[Row]:
    """Return the rows of MASTER and BACKUP at one interval."""
    with Lab(Setup(interval=interval, checks={})) as lab:
        lab.start()
        time.sleep(SETTLED)
        # The witness asks for the VIP fifty times a second, which hosts overhear.
        with lab.witness.paused(), lab.client.paused():
            samples = [_hourly([lab.hosts["a"], lab.hosts["b"]], seconds) for _ in range(runs)]
    masters, backups = zip(*samples, strict=True)
    unit, at = "CPU s/h", f"{interval * 1000:g} ms"
    return [
        summarise(Measure(f"MASTER, {at}", _TARGETS[interval], unit=unit), masters),
        summarise(Measure(f"BACKUP, {at}", unit=unit), backups),
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description="Processor time of a sidecar.")
    parser.add_argument("--runs", type=int, default=3, help="windows at each interval (default 3)")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds of a window (default 60)")
    wish = parser.parse_args()
    rows = [row for interval in INTERVALS for row in measure(interval, wish.runs, wish.seconds)]
    sys.stdout.write(markdown(rows))


if __name__ == "__main__":
    main()
