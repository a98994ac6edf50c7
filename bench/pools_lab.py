"""The cost of an application server's death in the compose lab: `python -m bench.pools_lab`.

Needs root and a Docker engine. nginx is told through the engine: exec of `nginx -t`, HUP,
and the token. A client asks the VIP for a page of the application two hundred times a second.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from bench.statistics import Measure, markdown, summarise
from tests.e2e.compose_lab import ComposeLab, run
from tests.e2e.test_lab import eventually
from tests.e2e.test_pools import APPS, DETECTION, LEAVE, at, lines, serving, visitor

_BUDGET = 26.0
"""Seconds between two faults, so that the limit of reloads plays no part."""

MEASURES = {
    "verdict": Measure("server killed: until the verdict", DETECTION),
    "proven": Measure("server killed: from the verdict until nginx proved the new generation", LEAVE),
    "back": Measure("server started: until nginx proved that it has it again"),
    "failed": Measure("server killed and started: requests that failed", 0.0, every=True, unit=""),
    "slowest": Measure("server killed and started: slowest request"),
}


def _once(lab: ComposeLab) -> dict[str, float]:
    with visitor(lab) as journal:
        killed = time.time()
        run("docker", "kill", "app-1")
        eventually(lambda: serving(lab), ["app-2"], 10)
        (verdict,) = (at(line) for line in lines("server_down", killed))
        (proven,) = (at(line) for line in lines("pool_changed", killed))
        started = time.time()
        run("docker", "start", "app-1")
        eventually(lambda: serving(lab), list(APPS), 10)
        asked = journal.since()
        back = at(lines("pool_changed", started)[0])
    return {
        "verdict": verdict - killed,
        "proven": proven - verdict,
        "back": back - started,
        "failed": float(sum(not answer.who for answer in asked)),
        "slowest": max(answer.at - answer.started for answer in asked),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.pools_lab", description="Measure the lab's pool.")
    parser.add_argument("--runs", type=int, default=5, help="runs (default 5)")
    wish = parser.parse_args(argv)
    samples: dict[str, list[float]] = {name: [] for name in MEASURES}
    with ComposeLab() as lab:
        lab.settle()
        eventually(lambda: serving(lab), list(APPS), 30)
        for number in range(wish.runs):
            result = _once(lab)
            sys.stderr.write(f"{number + 1}/{wish.runs}: {result}\n")
            for name, value in result.items():
                samples[name].append(value)
            if number + 1 < wish.runs:
                time.sleep(_BUDGET)
    rows = [summarise(measure, samples[name]) for name, measure in MEASURES.items()]
    sys.stdout.write(markdown(rows))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
