"""Failover as a client sees it, in the compose lab: `python -m bench.compose` (root, a Docker engine).

The client asks every 5 ms; the witness reads both kernels' addresses. One lab per advertisement
interval; within it the faults alternate with complete recovery.
"""

import argparse
import math
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from bench.statistics import Measure, Row, markdown, summarise, write_json
from bench.steady import phase
from tests.e2e.compose_lab import VIP, ComposeLab, run
from tests.e2e.faults import (
    Fault,
    cut_off,
    nginx_hung,
    nginx_killed,
    sidecar_killed,
    sidecar_stopped,
    sidecar_terminated,
)
from tests.netns.sightings import overlap

_PATIENCE = 15.0
_LOOK_ON = 6.0
_QUIET = 3.0
_STARTED = 1.5
"""Seconds after which a sidecar has started; it takes over no sooner than 3 s after that."""

Result = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of fault: what is measured, and how to do it once in a lab that has settled. It heals it."""

    name: str
    measures: Mapping[str, Measure]
    once: Callable[[ComposeLab], Result]
    interval: float = 1.0


def _takeover(lab: ComposeLab, *, fault: Fault) -> Result:
    mark, since = lab.client.mark, time.monotonic()
    with fault(lab):
        return {"gap": lab.gap_until("b", _PATIENCE, mark, since)}


def _failback(lab: ComposeLab) -> Result:
    with sidecar_terminated(lab):
        lab.await_server("b", _PATIENCE)
    # The hosts share this machine: what it costs to start a process is no part of the move.
    time.sleep(_STARTED)
    mark, since = lab.client.mark, time.monotonic()
    gap = lab.gap_until("a", 2 * _PATIENCE, mark, since)
    return {"gap": gap, "both": _both(lab, since)}


def _nothing(lab: ComposeLab) -> Result:
    """The client's gap on this machine when nothing happens: no gap can be measured below it."""
    mark, since = lab.client.mark, time.monotonic()
    time.sleep(_QUIET)
    return {"gap": lab.gap_until("a", _PATIENCE, mark, since)}


def _silence(lab: ComposeLab, *, fault: Fault) -> Result:
    mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
    with fault(lab):
        removed = math.inf
        with suppress(TimeoutError):
            gone = lab.witness.wait(lambda event: event.is_("removed", "a", address=VIP), _LOOK_ON, seen)
            renewals = (
                e.at for e in lab.witness.since() if e.is_("added", "a", address=VIP) and e.at < gone.at
            )
            removed = gone.at - max(renewals)
        gap = lab.gap_until("b", _PATIENCE, mark, since)
        both = _both(lab, since)
    return {"gap": gap, "removed": removed, "both": both}


def _both(lab: ComposeLab, since: float) -> float:
    return overlap(lab.holds(), since, time.monotonic())


def _silence_measures(signal: str) -> Mapping[str, Measure]:
    return {
        "gap": Measure(f"sidecar {signal}: gap", 3.16),
        "removed": Measure(
            f"sidecar {signal}: from the last renewal until the VIP left that host", 2.35, every=True
        ),
        "both": Measure(f"sidecar {signal}: two hosts held the VIP", 0.07, every=True),
    }


EVENTS = (
    Event("nothing", {"gap": Measure("nothing at all: the floor of this machine")}, _nothing),
    Event("nginx-killed", {"gap": Measure("nginx killed", 0.15)}, partial(_takeover, fault=nginx_killed)),
    Event("nginx-hung", {"gap": Measure("nginx hung", 0.8)}, partial(_takeover, fault=nginx_hung)),
    Event(
        "sigterm",
        {"gap": Measure("sidecar stopped (SIGTERM)", 0.12)},
        partial(_takeover, fault=sidecar_terminated),
    ),
    Event("cut-off", {"gap": Measure("host cut off, A = 1 s", 3.16)}, partial(_takeover, fault=cut_off)),
    Event(
        "failback",
        {
            "gap": Measure("failback of the better host", 0.02),
            "both": Measure("failback: two hosts held the VIP", 0.07, every=True),
        },
        _failback,
    ),
    Event("sigkill", _silence_measures("SIGKILLed"), partial(_silence, fault=sidecar_killed)),
    Event("sigstop", _silence_measures("SIGSTOPped"), partial(_silence, fault=sidecar_stopped)),
    Event(
        "cut-off-fast",
        {"gap": Measure("host cut off, A = 100 ms", 0.36)},
        partial(_takeover, fault=cut_off),
        interval=0.1,
    ),
)


def _measure(lab: ComposeLab, event: Event, runs: int) -> list[Row]:
    samples: dict[str, list[float]] = {}
    for number in range(runs):
        lab.settle()
        time.sleep(phase(number, event.interval))
        result = event.once(lab)
        figures = ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in result.items())
        sys.stderr.write(f"{event.name} {number + 1}/{runs}: {figures}\n")
        for name, value in result.items():
            samples.setdefault(name, []).append(value)
    return [summarise(measure, samples[name]) for name, measure in event.measures.items()]


def _measure_all(events: Sequence[Event], runs: int) -> list[Row]:
    rows: list[Row] = []
    for interval, group in groupby(events, key=lambda event: event.interval):
        with ComposeLab(ADVERT_INTERVAL=f"{round(interval * 1000)}ms") as lab:
            rows += [row for event in group for row in _measure(lab, event, runs)]
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.compose", description="Measure failover in the lab."
    )
    names = [event.name for event in EVENTS]
    parser.add_argument("--runs", type=int, default=20, help="runs per event (default 20)")
    parser.add_argument(
        "--events", nargs="+", choices=names, default=names, metavar="EVENT", help=", ".join(names)
    )
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    wish = parser.parse_args(argv)
    rows = _measure_all([event for event in EVENTS if event.name in wish.events], wish.runs)
    sys.stdout.write(markdown(rows))
    if wish.json:
        engine = run("docker", "version", "--format", "{{.Server.Version}}").stdout.strip()
        write_json(wish.json, rows, kernel=platform.release(), engine=engine)
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
