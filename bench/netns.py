"""Failover as a client sees it, in network namespaces: `python -m bench.netns` (as root).

A client opens a new connection to the VIP every 2 ms. Its longest time without an answer is the
gap; a witness reads the addresses of both kernels. With `--peer keepalived` keepalived runs on
both hosts instead, in the same lab, with the same priorities and interval.
"""

import argparse
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.events import EVENTS, Event, phase, steady
from bench.idle import idle
from bench.statistics import Row, markdown, summarise, write_json
from tests.netns.keepalived import keepalived
from tests.netns.lab import CLOSELY, Lab
from tests.netns.vrrp_daemon import RELAXED_CHECKS, Daemon, Setup, sidecar

_PEERS: dict[str, Daemon] = {"sidecar": sidecar, "keepalived": keepalived}
_IDLE = "idle"
_UNDAMPED = {"damping": False}
"""One lab sees twenty failures of the same host in a row: only here is that no flapping."""


def _measure(event: Event, setup: Setup, daemon: Daemon, runs: int) -> list[Row]:
    samples: dict[str, list[float]] = {}
    with Lab(setup, daemon, every=CLOSELY) as lab:
        lab.start()
        for run in range(runs):
            steady(lab)
            lab.watch_for(phase(run, setup.interval))
            result = event.run(lab)
            figures = ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in result.items())
            sys.stderr.write(f"{event.name} {run + 1}/{runs}: {figures}\n")
            for name, value in result.items():
                samples.setdefault(name, []).append(value)
    own = setup.interval == event.interval
    return [
        summarise(measure if own else replace(measure, bound=None), samples[name])
        for name, measure in event.measures.items()
    ]


def _idle(setup: Setup, daemon: Daemon, runs: int) -> list[Row]:
    with Lab(setup, daemon, every=CLOSELY) as lab:
        lab.start()
        steady(lab)
        return idle(lab, runs)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.netns", description="Measure failover in namespaces."
    )
    names = [*(event.name for event in EVENTS), _IDLE]
    parser.add_argument("--runs", type=int, default=20, help="runs per event (default 20; idle: at most 3)")
    parser.add_argument(
        "--events", nargs="+", choices=names, default=names, metavar="EVENT", help=", ".join(names)
    )
    parser.add_argument("--interval", type=float, help="advertisement interval in seconds, unjudged")
    parser.add_argument("--peer", choices=_PEERS, default="sidecar", help="what runs on both hosts")
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a bound is missed by the sidecar."""
    wish = _arguments(argv)
    daemon, rows = _PEERS[wish.peer], list[Row]()
    for event in EVENTS:
        if event.name in wish.events:
            setup = Setup(interval=wish.interval or event.interval, router=_UNDAMPED)
            rows += _measure(event, setup, daemon, wish.runs)
    if _IDLE in wish.events:
        rows += _idle(Setup(interval=wish.interval or 1.0, checks=RELAXED_CHECKS), daemon, min(wish.runs, 3))
    sys.stdout.write(markdown(rows))
    if wish.json:
        write_json(
            wish.json, rows, peer=wish.peer, kernel=platform.release(), python=platform.python_version()
        )
    return 1 if wish.peer == "sidecar" and any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
