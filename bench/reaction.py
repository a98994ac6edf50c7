"""From the death of a service to the first byte of our resignation: `python -m bench.reaction` (root).

nginx is killed on the host that serves. A row for each way in which a sidecar learns of that: the kernel
tells of the death of a process (pidfd), an idle connection to a server is closed. Adverts every second, no
damping. The end is the moment at which the kernel saw the frame with priority 0. The control is the time
from the same kill to a program that only waits for a pidfd.
"""

import argparse
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from bench.statistics import Measure, Row, markdown, summarise
from tests.netns.lab import CLOSELY, Lab
from tests.netns.vrrp_daemon import Setup
from tests.netns.webserver import PORT

_WAYS: Mapping[str, Mapping[str, Any]] = {
    "pidfd": {"nginx": {"process": "nginx"}},
    "closed connection": {"port": {"tcp": f"127.0.0.1:{PORT}", "every": "1s", "timeout": "500ms", "fall": 1}},
}
_TARGET = 3.0
"""Milliseconds, in the median."""
_WITHIN = 10.0


def control() -> float:
    """Return the seconds from the kill of a process to the news of it in a program that does nothing else."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        descriptor = os.pidfd_open(process.pid)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        began = time.monotonic()
        process.kill()
        poll.poll()
        took = time.monotonic() - began
        os.close(descriptor)
    return took


def reaction(lab: Lab) -> float:
    """Kill nginx of host a. Return the seconds until its resignation, and heal it."""
    host, mark = lab.hosts["a"], lab.witness.mark
    began = time.time()
    host.nginx.kill()
    said = lab.await_sighting("advert", "a", _WITHIN, mark, priority=0)
    lab.await_sole("b", within=_WITHIN)
    host.nginx.start()
    lab.await_sole("a", within=2 * _WITHIN)
    time.sleep(lab.setup.interval)
    return float(said.about["stamp"]) - began


def measure(way: str, runs: int) -> Row:
    """Return the row of one way."""
    with Lab(Setup(checks=_WAYS[way], router={"damping": False, "hosts": 2}), every=CLOSELY) as lab:
        lab.start()
        lab.settle()
        samples = [reaction(lab) for _ in range(runs)]
    return summarise(
        Measure(f"{way}: first byte of the resignation", _TARGET, unit="ms"), _milliseconds(samples)
    )


def _milliseconds(samples: list[float]) -> list[float]:
    return [1000 * each for each in samples]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reaction", description="How soon a sidecar resigns."
    )
    parser.add_argument("--runs", type=int, default=20, help="kills of each way (default 20)")
    runs = parser.parse_args().runs
    rows = [measure(way, runs) for way in _WAYS]
    bare = _milliseconds([control() for _ in range(runs)])
    rows.append(summarise(Measure("control: a program that waits for a pidfd", unit="ms"), bare))
    sys.stdout.write(markdown(rows))


if __name__ == "__main__":
    main()
