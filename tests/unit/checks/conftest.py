"""An engine that plays all parts, and a check that looks at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.core.health.result import Outcome
from sidecar.plan.services import Docker
from tests.unit.checks.engine import CHECKS, Engine, scripted_engine
from tests.unit.checks.stage import Collector, running, wait_until


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with scripted_engine(tmp_path / "docker.sock") as scripted:
        yield scripted


@pytest.fixture
def seen(engine: Engine) -> Iterator[Collector]:
    """A running check that has passed once."""
    with running(CHECKS, Docker(url=engine.url)) as collector:
        collector.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        yield collector
