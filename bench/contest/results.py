"""The results: a line of JSON for each run, so that an interrupted measurement goes on where it was.

A run is known by row, contender, number, commit of the core and machine. One that failed has no values but
the error, and counts as made.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class About:
    """The conditions of a run."""

    core: str
    """The commit that changed the sidecar last."""
    machine: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `values` are empty if it failed: then `error` says why. `load`: the load average before it."""

    row: str
    contender: str
    number: int
    about: About
    at: str
    load: float
    values: Mapping[str, float]
    error: str = ""

    def line(self) -> str:
        """Return the line of the file. JSON has no infinity: null."""
        fields = asdict(self)
        fields["values"] = {key: None if math.isinf(value) else value for key, value in self.values.items()}
        return json.dumps(fields, allow_nan=False)

    @classmethod
    def read(cls, line: str) -> Self:
        """Return the run of a line. ValueError, KeyError, TypeError: it is none."""
        fields: dict[str, Any] = json.loads(line)
        values = {key: math.inf if value is None else float(value) for key, value in fields["values"].items()}
        return cls(**fields | {"about": About(**fields["about"]), "values": values})


class Results:
    """What a file has, to which runs are added one by one."""

    GIVEN_UP = 2
    """Failures in a row after which a contender makes no more runs of a row."""

    def __init__(self, file: Path, earlier: Iterable[Run] = ()) -> None:
        self._file = file
        self.runs = list(earlier)
        if file.exists():
            self.runs += read(file.read_text(encoding="utf-8"))

    def add(self, run: Run) -> None:
        """Add a run; it is on the disk before this returns."""
        self.runs.append(run)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                # A line that was cut short must not spoil this one.
                if file.read() != b"\n":
                    file.write(b"\n")
            file.write(run.line().encode() + b"\n")

    def of(self, row: str, contender: str, about: About) -> list[Run]:
        """Return the runs of a row and a contender under these conditions, the later of the same number."""
        found = (run for run in self.runs if (run.row, run.contender, run.about) == (row, contender, about))
        return list({run.number: run for run in found}.values())

    def missing(self, row: str, contender: str, runs: int, about: About) -> list[int]:
        """Return the numbers of the runs that are to be made; of a contender that was given up none."""
        made = self.of(row, contender, about)
        numbers = {run.number for run in made}
        return [] if given_up(made) else [number for number in range(runs) if number not in numbers]

    def forget_failures(self) -> None:
        """Have all failed runs made again. In the file the later run of a number counts."""
        self.runs = [run for run in self.runs if not run.error]


def given_up(runs: list[Run]) -> bool:
    """Whether the last runs have all failed, so that more of them would only take time."""
    last = sorted(runs, key=lambda run: run.at)[-Results.GIVEN_UP :]
    return len(last) == Results.GIVEN_UP and all(run.error for run in last)


def read(text: str) -> list[Run]:
    """Return the runs of a text. A line that was cut short, as by the end of the machine, is none."""
    found = []
    for line in text.splitlines():
        try:
            found.append(Run.read(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found
