"""A flood of bogus adverts against a pair that serves: `python -m bench.flood` (as root).

The same flood meets pairs of the sidecar and of keepalived, one after the other in the same lab, at an
interval of 100 ms. A crowd is a flood of adverts of a thousand senders that only the core can refuse, for the
sidecar alone, at 200 ms: adverts of lower priority, or forged ones with recorded signatures.

A takeover is a host that gains the VIP in its kernel while the flood lasts; lateness is how much longer than
the interval host a, the master, was silent at most, by the kernel's clock.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

from bench.idle import processor_share
from bench.statistics import Measure, Row, summarise
from tests.netns.counters import by_label, counters
from tests.netns.crowd import auth, looked_at, recorded_trailers, with_trailers
from tests.netns.keepalived import keepalived, keepalived_2_3_3
from tests.netns.lab import CLOSELY, Lab
from tests.netns.lan import address
from tests.netns.rogue import Flood, Forgery, Rogue, bogus
from tests.netns.vrrp_daemon import Daemon, Setup, sidecar

_PAIRS: Mapping[str, Daemon] = {
    "vip-sidecar": sidecar,
    "keepalived 2.3.3": keepalived_2_3_3,
    "keepalived 2.2.7": keepalived,
}
_FLOODS: Mapping[str, Sequence[str]] = {
    "VRID": ("vrid",),
    "checksum": ("checksum",),
    "TTL": ("ttl",),
    "each in turn": ("vrid", "checksum", "ttl"),
}
_CROWDS: Mapping[str, Mapping[str, Any]] = {
    "lower priority": {"priority": 100},
    "recorded signature": {"priority": 255},
    "recorded signature of the master": {"priority": 255, "senders": [address("a")] * 1000},
}
_RECORDED = "recorded"
_INTERVAL = 0.1
_CROWD_INTERVAL = 0.2
_SETTLE = 1.0
_MEASURES: Mapping[str, Measure] = {
    "takeovers": Measure("takeovers", 0.0, every=True, unit="/s"),
    "late": Measure("advert late by at most", 0.03, every=True),
    "processor": Measure("processor of the master", unit="%"),
    "rate": Measure("packets sent", unit="/s"),
    "read": Measure("of them read", unit="%"),
}
_WHOLE = 1000
"""From here on a figure has no decimals."""
_JUDGED = "vip-sidecar"
"""Figures of another daemon are shown, not judged."""

_Cell = tuple[str, str, str]
"""Flood, pair, measure."""


def _run(pair: str, flooding: str, rate: float, seconds: float) -> dict[str, float]:
    """Flood one pair once."""
    daemon, interval = _PAIRS[pair], _CROWD_INTERVAL if flooding in _CROWDS else _INTERVAL
    with ExitStack() as stack:
        router = stack.enter_context(auth()) if flooding.startswith(_RECORDED) else {}
        setup = Setup(interval=interval, checks={}, router=router)
        lab = stack.enter_context(Lab(setup, daemon, rogue=True, every=CLOSELY))
        lab.start()
        lab.watch_for(_SETTLE)
        namespace, pid = lab.hosts["a"].namespace, lab.hosts["a"].daemon.pid
        before = counters(namespace) if daemon is sidecar else {}
        seen, held = lab.witness.mark, len(lab.holds())
        flood, frames = Flood(), _frames(lab, flooding)

        def work() -> None:
            done = Rogue(lab.lan).flood(frames, rate, seconds)
            flood.sent, flood.seconds = done.sent, done.seconds

        processor = processor_share(pid, work)
        lab.watch_for(interval)
        stamps = [e.about["stamp"] for e in lab.witness.since(seen) if e.is_("advert", "a")]
        result = {
            "rate": flood.rate,
            "takeovers": (len(lab.holds()) - held) / flood.seconds,
            "late": _longest(stamps, flood.seconds) - interval,
            "processor": processor,
        }
        if daemon is sidecar:
            name = "vipsidecar_vrrp_adverts_dropped_total"
            dropped = by_label(before, counters(namespace), name, "reason")
            sys.stderr.write(f"  refused: {dropped}\n")
            result["read"] = 100 * looked_at(before, counters(namespace)) / flood.sent
        return result


def _frames(lab: Lab, flooding: str) -> list[Forgery]:
    """The frames to send, in turns."""
    if flooding not in _CROWDS:
        return bogus(_FLOODS[flooding])
    trailers = recorded_trailers(lab) if flooding.startswith(_RECORDED) else [b""]
    made = with_trailers(trailers, round(100 * _CROWD_INTERVAL), **_CROWDS[flooding])
    # No two the same: of those one would be heard.
    return [replace(each, vips=(*each.vips, f"10.99.{n // 250}.{n % 250}")) for n, each in enumerate(made)]


def _longest(stamps: Sequence[float], seconds: float) -> float:
    """The longest silence. A sender that hardly spoke was silent for the missing part of the whole."""
    silences = [later - earlier for earlier, later in pairwise(stamps)]
    return max(silences, default=seconds)


def _table(cells: Mapping[_Cell, Row]) -> str:
    """A line for each flood and pair: median, minimum and maximum of each measure."""
    titles = [measure.title for measure in _MEASURES.values()]
    lines = [f"| wrong | pair | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles)]
    for flood, pair in dict.fromkeys(cell[:2] for cell in cells):
        found = [cells.get((flood, pair, name)) for name in _MEASURES]
        lines.append(f"| {flood} | {pair} | {' | '.join(map(_figures, found))} |")
    return "\n".join(lines) + "\n"


def _figures(row: Row | None) -> str:
    if row is None:
        return ""
    values = [value * 1000 if row.unit == "s" else value for value in (row.median, row.minimum, row.maximum)]
    unit = "ms" if row.unit == "s" else row.unit
    digits = 0 if unit == "ms" or row.maximum > _WHOLE else 2
    middle, low, high = (f"{value:.{digits}f}" for value in values)
    return f"{middle} {unit} ({low} - {high})"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description="Flood pairs of daemons.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each pair and flood (default 5)")
    parser.add_argument("--rate", type=float, default=60_000, help="packets a second (default 60000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a flood (default 5)")
    parser.add_argument("--pairs", nargs="+", choices=_PAIRS, default=list(_PAIRS), metavar="PAIR")
    parser.add_argument(
        "--floods", nargs="+", choices=[*_FLOODS, *_CROWDS], default=list(_FLOODS), metavar="FLOOD"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a bound is missed by the sidecar."""
    wish = _arguments(argv)
    cells: dict[_Cell, Row] = {}
    for flood in wish.floods:
        samples: dict[_Cell, list[float]] = {}
        pairs = [_JUDGED] if flood in _CROWDS else wish.pairs
        for run, pair in product(range(wish.runs), pairs):
            result = _run(pair, flood, wish.rate, wish.seconds)
            figures = ", ".join(f"{name} {value:.3f}" for name, value in result.items())
            sys.stderr.write(f"{flood}, {pair} {run + 1}/{wish.runs}: {figures}\n")
            for name, value in result.items():
                samples.setdefault((flood, pair, name), []).append(value)
        cells |= {cell: summarise(_MEASURES[cell[2]], found) for cell, found in samples.items()}
    sys.stdout.write(_table(cells))
    return 1 if any(row.met is False for (_, pair, _), row in cells.items() if pair == _JUDGED) else 0


if __name__ == "__main__":
    sys.exit(main())
