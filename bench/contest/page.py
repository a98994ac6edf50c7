"""The page docs/performance.md, its picture, and the table of the README, all from the same cells."""

from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Final

from bench.contest.cells import Cells, older
from bench.contest.contenders import KEEPALIVED, PAIR
from bench.contest.picture import Group, svg
from bench.contest.results import About
from bench.contest.row import Row
from bench.contest.rows import ROWS, SECTIONS
from bench.contest.table import spread, tables
from bench.statistics import Row as Summary

BEGIN, END = "<!-- figures of make bench -->\n", "<!-- end of the figures -->\n"
"""What stands around the table of the README."""
ENOUGH: Final = 8
"""Runs of each contender from which on the README quotes a row."""
_QUOTED: Final = (
    "nginx-killed-1s",
    "nginx-hung",
    "stop-1s",
    "host-lost-1s",
    "failback",
    "killed-restarted",
)
_DRAWN: Final = (
    "nginx-killed-1s",
    "nginx-hung",
    "stop-1s",
    "stop-100ms",
    "host-lost-1s",
    "host-lost-100ms",
    "failback",
)
_PAGE: Final = Path(__file__).with_suffix(".md")


def page(found: Cells, now: About, rows: Sequence[Row] = ROWS) -> str:
    """Return the text of docs/performance.md."""
    sections = ""
    for title in SECTIONS:
        mine = [row for row in rows if row.section == title]
        keys = " ".join(row.key for row in mine)
        sections += f"## {title}\n\n{tables(mine, found)}\nRows: `{keys}`.\n\n"
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        about=_about(found, now, rows), alt=_ALT, sections=sections
    )


_ALT: Final = "Longest gap of a client after each event, vip-sidecar and keepalived"


def _about(found: Cells, now: About, rows: Sequence[Row]) -> str:
    """Return with what the figures were made, and which of them were not."""
    runs = [run for cell in found.values() if cell.about == now for run in cell.runs]
    old = older(rows, found, now)
    lines = []
    if runs:
        days = sorted({run.at[:10] for run in runs})
        loads = [run.load for run in runs]
        lines += [
            f"Commit of the core `{now.core}`; {now.machine}; {' to '.join(sorted({days[0], days[-1]}))};",
            f"{len(runs)} runs; load average before them, with their own: {min(loads):g} to {max(loads):g}.",
        ]
    for about in sorted(set(old.values()), key=lambda about: about.core):
        keys = " ".join(f"`{key}`" for key, made in old.items() if made == about)
        lines.append(f"Older, core `{about.core}` on {about.machine}: {keys}.")
    return "\n".join(lines or ["Nothing was measured yet."]) + "\n"


def picture(found: Cells, rows: Sequence[Row] = ROWS) -> str:
    """Return docs/performance.svg."""
    by_key = {row.key: row for row in rows}
    groups = [
        Group(
            _plain(by_key[key].title),
            [_summary(found, by_key[key], each) for each in (PAIR.key, KEEPALIVED.key)],
        )
        for key in _DRAWN
        if key in by_key
    ]
    return svg("Longest gap of a client, median and range", [_plain(PAIR.name), KEEPALIVED.name], groups)


def readme(text: str, found: Cells, now: About, rows: Sequence[Row] = ROWS) -> str:
    """Return the README with the table of today, if all of its rows have enough runs of the present core."""
    quoted = [row for row in rows if row.key in _QUOTED]
    for row in quoted:
        for contender in (PAIR, KEEPALIVED):
            cell = found.get((row.key, contender.key))
            if cell is None or cell.about != now or len(cell.runs) - len(cell.failures) < ENOUGH:
                return text
    lines = [f"| longest gap of a client | {PAIR.name} | {KEEPALIVED.name} |\n|---|--:|--:|\n"]
    for row in quoted:
        known = (_summary(found, row, each.key) for each in (PAIR, KEEPALIVED))
        told = [spread(each) for each in known if each]
        lines.append(f"| {row.title} | {' | '.join(told)} |\n")
    head, rest = text.split(BEGIN)
    return head + BEGIN + "".join(lines) + END + rest.split(END)[1]


def _summary(found: Cells, row: Row, contender: str) -> Summary | None:
    cell = found.get((row.key, contender))
    (measured,) = (each for each in row.measures if each.key == "gap")
    return cell.summary(measured) if cell else None


def _plain(text: str) -> str:
    return text.replace("`", "")
