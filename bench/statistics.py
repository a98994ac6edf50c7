"""From samples to the table that the documentation shows. Times are seconds."""

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured at each run of an event, and what it must be."""

    title: str
    bound: float | None = None
    """None: shown, not judged."""
    every: bool = False
    """The bound holds for every run; else for the median."""
    unit: str = "s"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. An infinite value means that it did not end while we looked."""

    title: str
    runs: int
    median: float
    minimum: float
    maximum: float
    bound: float | None
    every: bool
    unit: str
    samples: tuple[float, ...]

    @property
    def met(self) -> bool | None:
        """Whether the bound holds; None without one."""
        if self.bound is None:
            return None
        return (self.maximum if self.every else self.median) <= self.bound


def summarise(measure: Measure, samples: Sequence[float]) -> Row:
    """The row of one measure. ValueError without samples."""
    if not samples:
        raise ValueError(f"no samples of {measure.title!r}")
    middle = statistics.median(samples)
    low, high = min(samples), max(samples)
    every, unit = measure.every, measure.unit
    return Row(measure.title, len(samples), middle, low, high, measure.bound, every, unit, tuple(samples))


def markdown(rows: Iterable[Row]) -> str:
    """The table, as GitHub shows it."""
    lines = ["| event | runs | median | min | max | bound | met |", "|---|--:|--:|--:|--:|---|---|"]
    for row in rows:
        middle, low, high = (_figure(value, row.unit) for value in (row.median, row.minimum, row.maximum))
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        lines.append(f"| {row.title} | {row.runs} | {middle} | {low} | {high} | {_bound(row)} | {met} |")
    return "\n".join(lines) + "\n"


def _bound(row: Row) -> str:
    return (
        "" if row.bound is None else f"{'every' if row.every else 'median'} ≤ {_figure(row.bound, row.unit)}"
    )


def _figure(value: float, unit: str) -> str:
    if math.isinf(value):
        return "did not end"
    if unit != "s":
        return f"{value:.2f} {unit}"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def write_json(file: Path, rows: Iterable[Row], **about: str) -> None:
    """All samples and what they were taken with. An infinite value becomes null."""
    table = [{**asdict(row), "met": row.met} for row in rows]
    text = json.dumps({"about": about, "rows": table}, default=str, indent=1)
    file.write_text(text.replace("Infinity", "null") + "\n", encoding="utf-8")
