"""Failover of mixed pairs, the sidecar on one host, a peer on the other: `python -m bench.interop` (as root).

In each run the serving host a, of priority 250, fails (a crash and a stop take turns), host b of priority 240
takes over, and host a returns and preempts. `--role preferred` has the sidecar on host a, `backup` on host b.
Adverts every 100 ms. With `--json FILE` the samples join those that the file has already, so that many runs
can be made of several short ones; `--runs 0` only prints the table of such a file.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

from bench.statistics import Measure, Row, markdown, summarise
from bench.steady import phase
from tests.interop import promise
from tests.interop.matrix import KEEPALIVED_2_3_3, PEERS, PREFERRED, ROLES, Case
from tests.interop.pair import Pair
from tests.interop.promise import Outcome

INTERVAL = 0.1
"""Seconds. FRR and keepalived can keep it."""
_FAILURES = ("crash", "stop")
_RETURN = "return"
_FAILBACK = 0.02
"""Median of the gap at a return, in seconds, as between two sidecars (docs/failover.md)."""
_SETTLE = 0.2

Samples = dict[str, list[tuple[float, float]]]
"""Gap and time with two holders, in seconds, by `peer/role/event`."""


def _limit(event: str, role: str) -> Outcome:
    """Bounds for each run. At a return the client's gap is so short that its median is judged instead."""
    ours = role.startswith(PREFERRED)
    match event:
        case "crash":
            return promise.crash(INTERVAL, ours=ours, grace=0.0)
        case "stop":
            return promise.stop(INTERVAL, ours=ours, grace=0.0)
        case _:
            return replace(promise.preemption(grace=0.0), gap=inf)


def _measure(peer: str, role: str, runs: int, samples: Samples, hosts: int | None) -> None:
    router = {"hosts": hosts} if hosts else {}
    label = f"{role} with `hosts: {hosts}`" if hosts else role
    with Pair(Case(peer), role, lambda setup: replace(setup, interval=INTERVAL, router=router)) as pair:
        pair.start()
        for run in range(runs):
            event = _FAILURES[run % len(_FAILURES)]
            pair.watch_for(_SETTLE + phase(run, INTERVAL))
            fail, back = (pair.crash, pair.come_back) if event == "crash" else (pair.stop, pair.start_again)
            for name, outcome in ((event, fail()), (_RETURN, back())):
                figures = f"gap {outcome.gap * 1000:.0f} ms, two holders {outcome.both * 1000:.0f} ms"
                sys.stderr.write(f"{peer}, {role}, {run + 1}/{runs}: {name}: {figures}\n")
                samples.setdefault(f"{peer}/{label}/{name}", []).append((outcome.gap, outcome.both))


def _rows(samples: Samples) -> list[Row]:
    found = []
    for key, pairs in samples.items():
        peer, role, event = key.split("/")
        limit = _limit(event, role)
        title = f"{peer}, sidecar {role}: {event}"
        gaps, both = zip(*pairs, strict=True)
        gap = Measure(f"{title}: gap", limit.gap, every=True)
        if event == _RETURN:
            gap = replace(gap, bound=_FAILBACK, every=False)
        found.append(summarise(gap, gaps))
        found.append(summarise(Measure(f"{title}: two holders", limit.both, every=True), both))
    return found


def _beyond(samples: Samples) -> int:
    return sum(
        not Outcome(*pair).within(_limit(key.split("/")[2], key.split("/")[1]))
        for key, pairs in samples.items()
        for pair in pairs
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.interop", description="Measure mixed pairs.")
    parser.add_argument("--runs", type=int, default=20, help="failovers (default 20)")
    parser.add_argument("--peer", choices=PEERS, default=KEEPALIVED_2_3_3)
    parser.add_argument("--role", choices=ROLES, default=PREFERRED, help="what the sidecar is in the pair")
    parser.add_argument(
        "--hosts", type=int, choices=[2], help="`hosts` of the sidecar, though the peer is none"
    )
    parser.add_argument("--json", type=Path, help="add the samples to this file, and judge all in it")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if any run was beyond a bound."""
    wish = _arguments(argv)
    samples: Samples = {}
    if wish.json and wish.json.exists():
        samples = json.loads(wish.json.read_text(encoding="utf-8"))
    try:
        if wish.runs:
            _measure(wish.peer, wish.role, wish.runs, samples, wish.hosts)
    finally:
        if wish.json:
            wish.json.write_text(json.dumps(samples) + "\n", encoding="utf-8")
    beyond = _beyond(samples)
    sys.stdout.write(markdown(_rows(samples)) + f"\nbeyond a bound: {beyond}\n")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
