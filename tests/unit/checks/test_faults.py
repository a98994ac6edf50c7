"""Every kind of check against every fault that can befall its target: the verdict, within the deadline.

`CHECKS_REPORT=docs/checks.md pytest tests/unit/checks/test_faults.py` writes the table of the document.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.config.model import POLLED
from tests.unit.checks import faults_http, faults_local, faults_net, faults_nginx
from tests.unit.checks.fault_table import (
    DEADLINE,
    PATIENCE,
    SCENARIOS,
    TIMEOUT,
    Report,
    Row,
    Scenario,
    committed,
)

pytestmark = pytest.mark.netns

LATE = 0.25
"""Grace for a busy machine: how long after the deadline a verdict may come in a test."""
MODULES = (faults_http, faults_nginx, faults_net, faults_local)
"""Each adds its rows to the table when it is imported."""
SCENARIOS.sort(key=lambda pair: POLLED.index(pair[0].kind))
ROWS = [row for row, _ in SCENARIOS]


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    collected = Report()
    yield collected
    if len(collected.lines) == len(ROWS):
        collected.write(ROWS)


@pytest.mark.parametrize(
    ("row", "scenario"), SCENARIOS, ids=[f"{row.kind}: {row.fault}" for row, _ in SCENARIOS]
)
def test_fault(row: Row, scenario: Scenario, report: Report, tmp_path: Path) -> None:
    result = scenario(tmp_path)
    report.note(row, result)
    assert (result.outcome, row.detail in result.detail) == (row.outcome, True), result
    assert result.seconds < (DEADLINE + LATE if row.outcome is TIMEOUT else PATIENCE)


def test_the_committed_table_has_all_rows_and_verdicts() -> None:
    assert "CHECKS_REPORT" in os.environ or committed() == [row.key for row in ROWS], (
        "run `CHECKS_REPORT=docs/checks.md pytest tests/unit/checks/test_faults.py`"
    )
