"""Every kind of check against every fault that can befall its target: the verdict, within its time.

`CHECKS_REPORT=docs/checks-proof.md pytest tests/unit/checks/test_os_errors.py` writes the table
of the document.
The container check has its faults in tests/e2e/test_container_table.py: it needs a Docker engine.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.plan.check import KINDS
from tests.lateness import Lateness
from tests.unit.checks import faults_events, faults_http, faults_local, faults_net, faults_nginx
from tests.unit.checks.fault_table import TABLE, Row, Scenario, Table

pytestmark = [pytest.mark.netns, pytest.mark.parts]

MODULES = (faults_http, faults_nginx, faults_net, faults_local, faults_events)
"""Each adds its rows to the table when it is imported."""


@pytest.fixture(scope="module")
def table() -> Iterator[Table[Path]]:
    yield TABLE
    TABLE.write()


@pytest.mark.parametrize(("row", "scenario"), TABLE.scenarios, ids=TABLE.names)
def test_fault(row: Row, scenario: Scenario, table: Table[Path], tmp_path: Path, lateness: Lateness) -> None:
    result = scenario(tmp_path)
    table.note(row, result)
    row.bear_out(result, lateness())


def test_every_kind_has_a_row() -> None:
    assert {row.kind for row, _ in TABLE.scenarios} == set(KINDS) - {"container"}


def test_the_committed_table_has_all_rows_and_verdicts() -> None:
    TABLE.check_the_document()
