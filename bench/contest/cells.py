"""From runs to what a page shows: for each row and contender the samples of one core on one machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.contest.results import About, Run
from bench.contest.row import Measured, Row
from bench.statistics import Measure, summarise
from bench.statistics import Row as Summary


@dataclass(frozen=True, slots=True)
class Cell:
    """What a contender did in a row. Never mixed: runs of one core, on one machine."""

    about: About
    runs: Sequence[Run]

    @property
    def failures(self) -> list[str]:
        """Return the errors of the runs that failed."""
        return [run.error for run in self.runs if run.error]

    def summary(self, measured: Measured) -> Summary | None:
        """Return median and range of a measure; None: no run has it."""
        samples = [run.values[measured.key] for run in self.runs if measured.key in run.values]
        return summarise(Measure(measured.title, unit=measured.unit), samples) if samples else None


Cells = Mapping[tuple[str, str], Cell]
"""By keys of row and contender."""


def latest(runs: Sequence[Run]) -> About:
    """Return with what the last run was made."""
    return max(runs, key=lambda run: run.at).about if runs else About("", "")


def cells(runs: Iterable[Run], now: About) -> dict[tuple[str, str], Cell]:
    """Return the cells: of the present core and machine if there are such runs, else of the latest ones."""
    groups: dict[tuple[str, str], dict[About, dict[int, Run]]] = {}
    for run in runs:
        groups.setdefault((run.row, run.contender), {}).setdefault(run.about, {})[run.number] = run
    found = {}
    for key, by_about in groups.items():
        latest = max(by_about, key=lambda about: max(run.at for run in by_about[about].values()))
        about = now if now in by_about else latest
        found[key] = Cell(about, [by_about[about][number] for number in sorted(by_about[about])])
    return found


def older(rows: Iterable[Row], found: Cells, now: About) -> dict[str, About]:
    """Return the rows of which a cell was made with another core or machine than the present one."""
    rest = {}
    for row in rows:
        for contender in row.contenders:
            cell = found.get((row.key, contender.key))
            if cell is not None and cell.about != now:
                rest[row.key] = cell.about
    return rest
