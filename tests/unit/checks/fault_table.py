"""Tables of kinds and faults: verdict and time. Made by tests, kept in docs/checks-proof.md."""

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Generic, TypeVar

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import KINDS, Check
from tests.unit.checks.stage import first_result, free_port

DOCUMENT = Path(__file__).parents[3] / "docs" / "checks-proof.md"
_END = "<!-- generated: end -->\n"
_HEAD = "| kind | what is wrong with the target | verdict | detail | seen after |\n|---|---|---|---|---|\n"
_Given = TypeVar("_Given")

PASS, FAIL, TIMEOUT, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.TIMEOUT, Outcome.ERROR
DEADLINE = 0.3
"""`timeout` of the checks of the table."""
LATE = 0.25
"""Grace for a busy machine: how long after the deadline a verdict may come in a test."""
PATIENCE = 2.0
"""The deadline where a process has to start first, on a machine that may be busy."""
NEVER = inf
"""`seconds` of a check that passes because this fault is none of its business."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and what is expected of it. `detail` is a part of what is said, `within` in seconds."""

    kind: str
    fault: str
    outcome: Outcome
    detail: str
    within: float

    @property
    def key(self) -> str:
        """The part of the line that no measurement changes."""
        return f"| {self.kind} | {self.fault} | {self.outcome.value} |"

    def bear_out(self, result: CheckResult, late: float) -> None:
        """Fail the test if the result is another. `late`: seconds that a busy machine may add."""
        assert (result.outcome, self.detail in result.detail) == (self.outcome, True), result
        assert 0 < result.seconds <= self.within + late, result


@dataclass
class Table(Generic[_Given]):
    """The rows of one test, each with a scenario that makes the fault and returns what the check says."""

    source: str
    """The file of the test. It names the table in the document."""
    lines: dict[str, str] = field(default_factory=dict)
    """Observations, by the key of the row."""
    _scenarios: list[tuple[Row, Callable[[_Given], CheckResult]]] = field(default_factory=list)

    def when(
        self, kind: str, fault: str, outcome: Outcome, detail: str, within: float | None = None
    ) -> Callable[[Callable[[_Given], CheckResult]], Callable[[_Given], CheckResult]]:
        """Add a row. Unless it is said, `within` follows from the deadline of the checks."""
        if within is None:
            within = DEADLINE + LATE if outcome is TIMEOUT else PATIENCE
        row = Row(kind, fault, outcome, detail, within)

        def add(scenario: Callable[[_Given], CheckResult]) -> Callable[[_Given], CheckResult]:
            self._scenarios.append((row, scenario))
            return scenario

        return add

    @property
    def scenarios(self) -> list[tuple[Row, Callable[[_Given], CheckResult]]]:
        """All rows, kind by kind: the polled ones first."""
        return sorted(self._scenarios, key=lambda pair: _ORDER.index(pair[0].kind))

    @property
    def keys(self) -> list[str]:
        """Beginnings of the lines of the table."""
        return [row.key for row, _ in self.scenarios]

    @property
    def names(self) -> list[str]:
        """Names of the tests, one for each row."""
        return [f"{row.kind}: {row.fault}" for row, _ in self.scenarios]

    def note(self, row: Row, result: CheckResult) -> None:
        """Take what was seen of one row."""
        detail = re.sub(r"\bpid [0-9]+", "pid N", result.detail)
        detail = re.sub(r"(?<![0-9.])[0-9]{4,5}(?= |$)", "N", detail).replace("|", "\\|")
        detail = re.sub(r"/(run|tmp)/[^ ,:]*/", r"/\1/.../", detail)
        self.lines[row.key] = f"{row.key} {detail} | {_took(result.seconds)} |\n"

    def write(self) -> None:
        """Put the table into the file that CHECKS_REPORT names, if one is named and every row was seen."""
        if "CHECKS_REPORT" not in os.environ or len(self.lines) < len(self.keys):
            return
        file = Path(os.environ["CHECKS_REPORT"])
        before, begin, rest = file.read_text().partition(self._begin)
        assert begin, f"no place for this table; write {self._begin}{_END}where it is to be"
        table = "".join(self.lines[key] for key in self.keys)
        file.write_text(before + begin + _HEAD + table + _END + rest.partition(_END)[2])

    def check_the_document(self) -> None:
        """Fail the test if the table in the document lacks a row or has another verdict."""
        table = DOCUMENT.read_text().partition(self._begin)[2].partition(_END)[0].removeprefix(_HEAD)
        committed = ["|".join(line.split("|")[:4]) + "|" for line in table.splitlines()]
        assert "CHECKS_REPORT" in os.environ or committed == self.keys, (
            f"run `CHECKS_REPORT=docs/checks-proof.md pytest {self.source}`"
        )

    @property
    def _begin(self) -> str:
        return f"<!-- generated by {self.source}: begin -->\n"


_ORDER = [kind for kind in KINDS if kind != "container"] + ["container"]
Scenario = Callable[[Path], CheckResult]
"""Makes the fault with the help of a folder, and returns what the check says."""
TABLE: Table[Path] = Table("tests/unit/checks/test_os_errors.py")
"""Rows that need no more than a kernel and nginx."""
when = TABLE.when


def refused(check: Callable[[int], Check]) -> Scenario:
    return lambda _: asyncio.run(first_result(check(free_port())))


def _took(seconds: float) -> str:
    if seconds == NEVER:
        return "never"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"
