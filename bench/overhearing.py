"""What it costs to overhear the LAN (docs/adr/0029): `python -m bench.overhearing` (root, six minutes).

Two pairs side by side in the same windows: a sidecar on each host, and the control, the same sidecars without
their packet sockets (bench/deaf.py). Processor seconds a day of all threads of a sidecar, as MASTER and as
BACKUP; and the nanoseconds that a packet of others takes its sender, because the kernel clones each one
that leaves the host for that socket, and runs the socket's program for each one that arrives.
"""

import argparse
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.cost import used
from bench.statistics import Measure, Row, markdown, summarise
from tests.netns.lab import Lab
from tests.netns.lan import address
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Setup, sidecar

_DAY: Final = 86400.0
SETTLED: Final = 15.0
"""Seconds after the start, in which most is asked and told for the first time."""
PACKETS: Final = 20_000
ROUNDS: Final = 15
_PORT: Final = 9
_BYTES: Final = bytes(1200)
WAYS: Final = {"packet sent": ("a", "client"), "packet received": ("client", "a")}


def deaf(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """Return the control. Not started."""
    service = sidecar(namespace, host, priority, folder, setup)
    service.argv[service.argv.index("sidecar")] = "bench.deaf"
    return service


def _daily(labs: list[Lab], seconds: float) -> list[list[float]]:
    """Return processor seconds a day of each host of each lab."""
    pids = [[host.daemon.pid for host in lab.hosts.values()] for lab in labs]
    before, began = [list(map(used, each)) for each in pids], time.monotonic()
    time.sleep(seconds)
    after, lasted = [list(map(used, each)) for each in pids], time.monotonic() - began
    return [
        [(late - early) / lasted * _DAY for early, late in zip(one, other, strict=True)]
        for one, other in zip(before, after, strict=True)
    ]


def _nanoseconds(lab: Lab, sender: str, receiver: str) -> float:
    """Return the processor time of a datagram to somebody who does not read, in nanoseconds."""
    with lab.lan.members[receiver].network():
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with lab.lan.members[sender].network():
        source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sink, source:
        sink.bind((address(receiver), _PORT))
        source.connect((address(receiver), _PORT))
        began = time.process_time_ns()
        for _ in range(PACKETS):
            source.send(_BYTES)
        return (time.process_time_ns() - began) / PACKETS


def measure(runs: int, seconds: float, interval: float) -> list[Row]:
    """Return the rows of the sidecar and of the control."""
    names = "sidecar", "control"
    with ExitStack() as stack:
        setup = Setup(interval=interval, checks={})
        labs = [stack.enter_context(Lab(setup, make)) for make in (sidecar, deaf)]
        for lab in labs:
            lab.start()
        time.sleep(SETTLED)
        # The witness asks for the VIP fifty times a second, which hosts overhear.
        for lab in labs:
            stack.enter_context(lab.witness.paused())
            stack.enter_context(lab.client.paused())
        windows = [_daily(labs, seconds) for _ in range(runs)]
        rounds = [
            {way: [_nanoseconds(lab, *WAYS[way]) for lab in labs] for way in WAYS} for _ in range(ROUNDS)
        ]
    rows = [
        summarise(Measure(f"{role}, {name}", unit="CPU s/day"), [window[n][host] for window in windows])
        for host, role in enumerate(("MASTER", "BACKUP"))
        for n, name in enumerate(names)
    ]
    return rows + [
        summarise(Measure(f"{way}, {name}", unit="ns"), [each[way][n] for each in rounds])
        for way in WAYS
        for n, name in enumerate(names)
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.overhearing", description="What it costs to overhear the LAN."
    )
    parser.add_argument("--runs", type=int, default=5, help="windows (default 5)")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds of a window (default 60)")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between adverts (default 1)")
    wish = parser.parse_args()
    sys.stdout.write(markdown(measure(wish.runs, wish.seconds, wish.interval)))


if __name__ == "__main__":
    main()
