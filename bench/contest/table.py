"""Tables of the page: each measure of each row, the contenders side by side."""

import math
from collections.abc import Iterable, Mapping, Sequence

from bench.contest.cells import Cell, Cells
from bench.contest.contenders import KEEPALIVED, PAIR, PLAIN, Contender
from bench.contest.row import Measured, Row, Target
from bench.statistics import Row as Summary

COLUMNS: Sequence[Contender] = (PAIR, PLAIN, KEEPALIVED)
_NEVER = "not while we looked"
_HEAD = (
    "| | " + " | ".join(each.name for each in COLUMNS) + " | ratio | target |\n|---|--:|--:|--:|--:|---|\n"
)


def figure(value: float, unit: str) -> str:
    """Return a value with three digits and its unit."""
    if math.isinf(value):
        return _NEVER
    if unit == "s":
        value, unit = (value, "s") if value >= 1 else (value * 1000, "ms")
    return f"{_digits(value)} {unit}".rstrip()


def _digits(value: float) -> str:
    if value == 0 or value >= 100 or value == int(value):  # noqa: PLR2004 - three digits
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - three digits


def spread(summary: Summary) -> str:
    """Return the median, and the range if there is one."""
    middle, low, high = (
        figure(each, summary.unit) for each in (summary.median, summary.minimum, summary.maximum)
    )
    return middle if low == high else f"**{middle}** ({low} - {high})"


def ratio(ours: Summary | None, theirs: Summary | None) -> str:
    """Return our median as a multiple of keepalived's, if both are such that there is one."""
    if ours is None or theirs is None or not theirs.median or not math.isfinite(ours.median + theirs.median):
        return ""
    return f"{_digits(ours.median / theirs.median)}"


def aim(target: Target, unit: str) -> str:
    """Return a target in words."""
    parts = []
    if target.most is not None:
        parts.append(f"≤ {figure(target.most, unit)}")
    if target.share is not None:
        parts.append(f"≤ 1/{round(1 / target.share)} of keepalived")
    if target.beyond is not None:
        parts.append(f"≤ keepalived + {figure(target.beyond, unit)}")
    return ("every " if target.every else "") + " and ".join(parts)


def tables(rows: Iterable[Row], found: Cells) -> str:
    """Return the table of some rows."""
    return _HEAD + "".join(line for row in rows for line in _lines(row, found))


def _lines(row: Row, found: Cells) -> Iterable[str]:
    for number, measured in enumerate(row.measures):
        title = f"{row.title}: {measured.title}" if number == 0 else f"&nbsp;&nbsp;{measured.title}"
        known = {each.key: found.get((row.key, each.key)) for each in row.contenders}
        told = [_cell(row, each, known, measured) for each in COLUMNS]
        summaries = {key: cell.summary(measured) for key, cell in known.items() if cell}
        ours, theirs = summaries.get(PAIR.key), summaries.get(KEEPALIVED.key)
        verdicts = "; ".join(_verdicts(measured, summaries))
        yield f"| {title} | {' | '.join(told)} | {ratio(ours, theirs)} | {verdicts} |\n"


def _cell(row: Row, contender: Contender, known: Mapping[str, Cell | None], measured: Measured) -> str:
    if contender not in row.contenders:
        return ""
    cell = known[contender.key]
    if cell is None:
        return "not measured"
    summary = cell.summary(measured)
    if summary is None:
        return f"**failed**: {cell.failures[-1].replace('|', '/')}"
    lost = f", {len(cell.failures)} failed" if cell.failures else ""
    return f"{spread(summary)}, n = {summary.runs}{lost}"


def _verdicts(measured: Measured, summaries: Mapping[str, Summary | None]) -> Iterable[str]:
    for contender in COLUMNS:
        target, ours = measured.targets.get(contender.key), summaries.get(contender.key)
        if target is None:
            continue
        met = target.met(ours, summaries.get(KEEPALIVED.key)) if ours else None
        word = {True: "met", False: "**missed**", None: "not measured"}[met]
        without = "" if contender == PAIR else f"{contender.name}: "
        yield f"{without}{aim(target, measured.unit)}: {word}"
