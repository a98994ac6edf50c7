"""The cost of an application server's death behind nginx: `python -m bench.pools` (as root).

In network namespaces, with a real nginx told by its pid file. A client asks the VIP two hundred times a
second over new connections. nginx itself gives no server up here (max_fails=0), so that the last request
that it sent to the dead server shows when the server had left.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.statistics import Measure, Row, markdown, summarise, write_json
from tests.netns.lab import wait_until
from tests.netns.pool_stage import PoolStage

EVERY, TIMEOUT = 0.2, 0.2
REFUSED = EVERY + 0.05
HUNG = 2 * EVERY + TIMEOUT
LEAVE = 0.3
_BUDGET = 4.0
"""Seconds between two faults, so that the limit of reloads plays no part."""
_RELOADS = 100
_TRY_EVERY = 0.005
"""Seconds between two requests of the client."""

Result = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of fault: what is measured, and how to do it once. It heals it."""

    name: str
    measures: Mapping[str, Measure]
    once: Callable[[PoolStage], Result]


def _leaving(title: str, detection: float) -> Mapping[str, Measure]:
    return {
        "verdict": Measure(f"{title}: until the verdict", detection),
        "left": Measure(f"{title}: from the verdict until nginx's last request to it", LEAVE, every=True),
        "proven": Measure(f"{title}: from the verdict until nginx proved the new generation", LEAVE),
        "failed": Measure(f"{title}: requests that failed", 0.0, every=True, unit=""),
        "slowest": Measure(f"{title}: slowest request"),
    }


def _leave(stage: PoolStage, break_it: Callable[[], None], heal: Callable[[], None]) -> Result:
    mark, since, number = stage.client.mark, time.time(), len(stage.log("pool_changed"))
    break_it()
    stage.await_serving("b")
    proven = stage.logged_at(stage.log("pool_changed")[number])
    verdict = stage.verdict("c", up=False)
    # A request to a hung server is logged when nginx gives it up, after a second.
    stage.watch_for(1.5)
    left = stage.last_tried("c")
    heal()
    stage.await_serving("b", "c")
    asked = stage.client.since(mark)
    return {
        "verdict": verdict - since,
        "left": max(0.0, left - verdict),
        "proven": proven - verdict,
        "failed": float(sum(not answer.who for answer in asked)),
        "slowest": max(answer.at - answer.started for answer in asked),
    }


def _killed(stage: PoolStage) -> Result:
    return _leave(stage, stage.apps["c"].kill, stage.apps["c"].start)


def _hung(stage: PoolStage) -> Result:
    return _leave(stage, stage.apps["c"].hang, stage.apps["c"].resume)


def _wrong(stage: PoolStage) -> Result:
    return _leave(stage, lambda: stage.set_mode("c", "error"), lambda: stage.set_mode("c", "ok"))


EVENTS = (
    Event("killed", _leaving("server killed", REFUSED), _killed),
    Event("hung", _leaving("server hung", HUNG), _hung),
    Event("wrong", _leaving("server answers 503", HUNG), _wrong),
)


def _measure(event: Event, runs: int) -> list[Row]:
    samples: dict[str, list[float]] = {}
    with PoolStage(every=_TRY_EVERY, server_options=["max_fails=0"], reload_every="1s") as stage:
        stage.start()
        for number in range(runs):
            stage.watch_for(_BUDGET + number * 0.618034 % 1 * EVERY)
            result = event.once(stage)
            sys.stderr.write(f"{event.name} {number + 1}/{runs}: {_shown(result)}\n")
            for name, value in result.items():
                samples.setdefault(name, []).append(value)
    return [summarise(measure, samples[name]) for name, measure in event.measures.items()]


def _reloads() -> list[Row]:
    """A server that flaps on purpose, a limit that is out of the way, and a client that counts."""
    check = {"http": "/healthz", "every": "50ms", "timeout": "50ms", "rise": 1, "fall": 1}
    with PoolStage(every=_TRY_EVERY, reload_every="100ms", check=check) as stage:
        stage.start()
        mark, modes = stage.client.mark, ("error", "ok")
        while (done := len(stage.log("pool_changed")) - 1) < _RELOADS:
            stage.set_mode("c", modes[done % 2])
            wait_until(lambda done=done: len(stage.log("pool_changed")) - 1 > done, 10, "one more reload")  # type: ignore[misc]
        lines = stage.log("pool_changed")[1:]
        asked = stage.client.since(mark)
        late = stage.counted('vipsidecar_timer_lateness_seconds_count{timer="advert"}')
        late -= stage.counted('vipsidecar_timer_lateness_seconds_bucket{le="0.02",timer="advert"}')
    failed = [float(not answer.who) for answer in asked]
    seconds = [answer.at - answer.started for answer in asked]
    took = [line["took_ms"] / 1000 for line in lines if "failed" in line["reason"]]
    sys.stderr.write(f"{len(lines)} reloads, {len(asked)} requests, {sum(failed):.0f} failed\n")
    wrong = [float(line["result"] != "live") for line in lines]
    counts = {
        "adverts that were more than 20 ms late": (None, [late]),
        "reloads that were not proven": (0.0, [sum(wrong)]),
        "requests that failed": (0.0, [sum(failed)]),
        "requests": (None, [float(len(asked))]),
    }
    title = "100 reloads under load"
    return [
        *(summarise(Measure(f"{title}: {what}", bound, unit=""), n) for what, (bound, n) in counts.items()),
        summarise(Measure(f"{title}: time of a request"), seconds),
        summarise(Measure(f"{title}: from the verdict until proven", LEAVE), took),
    ]


def _shown(result: Result) -> str:
    return ", ".join(
        f"{name} {value:.0f}" if name == "failed" else f"{name} {value * 1000:.0f} ms"
        for name, value in result.items()
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a bound is missed."""
    names = [*(event.name for event in EVENTS), "reloads"]
    parser = argparse.ArgumentParser(prog="python -m bench.pools", description="Measure pools in namespaces.")
    parser.add_argument("--runs", type=int, default=10, help="runs per event (default 10)")
    parser.add_argument(
        "--events", nargs="+", choices=names, default=names, metavar="EVENT", help=", ".join(names)
    )
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    wish = parser.parse_args(argv)
    rows = [row for event in EVENTS if event.name in wish.events for row in _measure(event, wish.runs)]
    if "reloads" in wish.events:
        rows += _reloads()
    sys.stdout.write(markdown(rows))
    if wish.json:
        write_json(wish.json, rows, kernel=platform.release(), python=platform.python_version())
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
