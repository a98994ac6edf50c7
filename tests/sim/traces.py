"""One digest for all that the simulated hosts were seen to do: equal before and after a change of code.

    python -m tests.sim.traces --seeds 0-1999

A trace holds the commands in their order with their times, the transitions, and the public fields of the
snapshots wherever they change. The times of checks' results are left out: they belong to the process that
runs the checks, which is not the one that decides. Seeds take the regimes in turn.
"""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256

import pytest

from tests.sim.rebuilt import rebuild_before_each_step
from tests.sim.regimes import REGIMES
from tests.sim.run import run_seed
from tests.sim.violation import Violation

DIGITS = 16


def digest(regime: str, seed: int) -> str:
    """Return the digest of one world; a broken promise is a part of what is seen."""
    trace: list[str] = []
    try:
        run_seed(regime, seed, trace=trace)
    except Violation as violation:
        trace.append(f"violation {violation}")
    return sha256("\n".join(trace).encode()).hexdigest()[:DIGITS]


def digests(seeds: range, regimes: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield regime, seed and digest of each world: seed n is run in regime n modulo their number."""
    for seed in seeds:
        regime = regimes[seed % len(regimes)]
        yield regime, seed, digest(regime, seed)


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Print one digest a seed, one a regime and one of all."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(2000), metavar="FIRST-LAST")
    parser.add_argument("--regime", action="append", choices=REGIMES, help="may be repeated; default: all")
    parser.add_argument("--rebuild", action="store_true", help="make all routers anew before each step")
    parser.add_argument("--quiet", action="store_true", help="only the digests of the regimes and of all")
    asked = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch:
        if asked.rebuild:
            rebuild_before_each_step(patch)
        _print(asked.seeds, asked.regime or REGIMES, quiet=asked.quiet)


def _print(seeds: range, regimes: Sequence[str], *, quiet: bool) -> None:
    whole: dict[str, list[str]] = defaultdict(list)
    for regime, seed, found in digests(seeds, regimes):
        whole[regime].append(found)
        whole["total"].append(found)
        if not quiet:
            print(f"{regime} {seed} {found}", flush=True)
    for regime in sorted(whole, key=lambda name: name == "total"):
        found = sha256(" ".join(whole[regime]).encode()).hexdigest()[:DIGITS]
        print(f"{regime} ({len(whole[regime])} seeds) {found}")


if __name__ == "__main__":
    main()
