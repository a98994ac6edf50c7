"""The container check against every fault of a container and of its engine: the verdict, within its time.

`CHECKS_REPORT=docs/checks-proof.md pytest tests/e2e/test_container_table.py` writes the table.
The other kinds have theirs in tests/unit/checks/test_os_errors.py.
"""

from collections.abc import Callable, Iterator

import pytest

from sidecar.core.health.result import CheckResult
from tests.e2e.container_faults import NAME, TABLE
from tests.e2e.own_engine import OwnEngine
from tests.lateness import Lateness
from tests.unit.checks.fault_table import Row


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        yield own
    TABLE.write()


@pytest.fixture
def engine(shared_engine: OwnEngine) -> Iterator[OwnEngine]:
    yield shared_engine
    shared_engine.docker("rm", "--force", NAME)


@pytest.mark.e2e
@pytest.mark.timing
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("row", "scenario"), TABLE.scenarios, ids=TABLE.names)
def test_fault(
    row: Row, scenario: Callable[[OwnEngine], CheckResult], engine: OwnEngine, lateness: Lateness
) -> None:
    result = scenario(engine)
    TABLE.note(row, result)
    row.bear_out(result, lateness())


def test_the_committed_table_has_all_rows_and_verdicts() -> None:
    TABLE.check_the_document()
