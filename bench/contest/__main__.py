"""Measure what is missing, and write the page from all that is there. See the package."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.contest.about import ROOT, about
from bench.contest.cells import Cells, cells, latest
from bench.contest.contenders import CONTENDERS
from bench.contest.measure import Wish, measure
from bench.contest.page import page, picture, readme
from bench.contest.results import Results, Run, read
from bench.contest.row import chosen
from bench.contest.rows import ROWS
from tests.netns.chroot import TREE

_RESULTS: Final = ROOT / "build" / "bench" / "results.jsonl"
_KEPT: Final = ROOT / "docs" / "performance.jsonl"
"""The samples behind the page."""
_TERMINATED: Final = 143


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write; 0 if no run is missing."""
    wish = _arguments(argv)
    now, results = about(), Results(wish.results)
    # As by Ctrl-C: stages are taken down, and the page is written.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    if wish.again:
        results.forget_failures()
    whole = True
    try:
        if not wish.report:
            until = time.monotonic() + 60 * wish.minutes
            whole = measure(Wish(wish.rows, wish.runs, until, wish.contenders), results, now)
    finally:
        write(results)
    if not whole:
        sys.stderr.write(f"interrupted after {wish.minutes:g} minutes; the same command goes on\n")
    return 0 if whole else 1


def write(results: Results) -> None:
    """Write the page, its picture and its samples, and the table of the README."""
    runs = [*(read(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else []), *results.runs]
    # The page is about what was measured last: what is older says so.
    now = latest(runs)
    found = cells(runs, now)
    _KEPT.write_text("".join(f"{run.line()}\n" for run in _runs(found)), encoding="utf-8")
    (ROOT / "docs" / "performance.md").write_text(page(found, now), encoding="utf-8")
    (ROOT / "docs" / "performance.svg").write_text(picture(found), encoding="utf-8")
    front = ROOT / "README.md"
    front.write_text(readme(front.read_text(encoding="utf-8"), found, now), encoding="utf-8")


def _runs(found: Cells) -> list[Run]:
    return [
        run
        for row in ROWS
        for contender in row.contenders
        if (cell := found.get((row.key, contender.key)))
        for run in cell.runs
    ]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.contest", description="vip-sidecar beside keepalived."
    )
    parser.add_argument(
        "--rows", default="", help=f"names or patterns, in one word: {' '.join(row.key for row in ROWS)}"
    )
    parser.add_argument(
        "--runs", type=int, help="of each row and contender (default: 20 with a target, else 8)"
    )
    parser.add_argument(
        "--contenders", nargs="+", choices=CONTENDERS, default=[], help="that make runs (default: all)"
    )
    parser.add_argument("--minutes", type=float, default=90.0, help="then no further run begins (default 90)")
    parser.add_argument("--again", action="store_true", help="make also those runs again that failed")
    parser.add_argument("--report", action="store_true", help="measure nothing, only write the page")
    parser.add_argument(
        "--results", type=Path, default=_RESULTS, help="file of all runs (default %(default)s)"
    )
    wish = parser.parse_args(argv)
    try:
        wish.rows = chosen(ROWS, wish.rows.split())
    except ValueError as mistake:
        parser.error(str(mistake))
    if not wish.report and os.geteuid() != 0:
        parser.error("it needs root, for network namespaces")
    if not wish.report and not TREE.exists():
        parser.error("keepalived 2.3.3 is not there: .ci/peers makes it")
    return wish


if __name__ == "__main__":
    sys.exit(main())
