"""Processor time that the processes of a sidecar take to load, `python -m bench.loading`: nothing is touched.

The configuration is a pipe that stays empty until all three processes wait: for it, or for each other. With
`--against DIR` another tree is measured in turn with this one.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.idle import family

_ROOT: Final = Path(__file__).resolve().parents[1]
_AT_REST: Final = 0.8
"""Seconds without work after which all have loaded."""
_WORK: Final = 0.001


def used(pid: int) -> float:
    """Seconds of processor time of all threads of a process."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text(encoding="ascii").split()[0]) for file in files) / 1e9


def loaded(tree: Path) -> list[float]:
    """Return what router, observer and configuration child of a tree took, in this order."""
    with TemporaryDirectory(prefix="vip-loading-") as folder:
        pipe = Path(folder) / "config.yaml"
        os.mkfifo(pipe)
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "sidecar", "run", "-c", str(pipe)],
            cwd="/",
            env=os.environ | {"PYTHONPATH": str(tree)},
            stderr=subprocess.DEVNULL,
        )
        try:
            taken = _at_rest(process.pid)
        finally:
            pipe.write_text("no configuration\n", encoding="ascii")
            process.wait()
    return taken


def _at_rest(pid: int) -> list[float]:
    total, since = 0.0, time.monotonic()
    while True:
        taken = [used(each) for each in family(pid)]
        if sum(taken) > total + _WORK:
            total, since = sum(taken), time.monotonic()
        elif time.monotonic() - since > _AT_REST:
            return taken
        time.sleep(0.02)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table, in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.loading", description="Measure what starts load.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--against", type=Path, metavar="DIR", help="another tree, in turn with this one")
    chosen = parser.parse_args(argv)
    trees = {"": _ROOT} if chosen.against is None else {"before: ": chosen.against.resolve(), "now: ": _ROOT}
    samples: dict[str, list[list[float]]] = {name: [] for name in trees}
    for _ in range(chosen.runs):
        for name, tree in trees.items():
            samples[name].append(loaded(tree))
    sys.stdout.write("| processor time, ms | runs | median | min | max |\n|---|--:|--:|--:|--:|\n")
    for name, runs in samples.items():
        of = {"router": 0, "observer": 1, "configuration child": 2}
        rows = {what: [run[place] for run in runs] for what, place in of.items()}
        for what, values in {**rows, "all three": [sum(run) for run in runs]}.items():
            shown = (statistics.median(values), min(values), max(values))
            middle, low, high = (f"{value * 1000:.0f}" for value in shown)
            sys.stdout.write(f"| {name}{what} | {len(values)} | {middle} | {low} | {high} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
