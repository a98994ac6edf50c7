from collections.abc import Iterator

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Lines


@pytest.fixture
def server(status_store: StatusStore, metrics: Metrics, lines: Lines) -> Iterator[StatusServer]:
    server = StatusServer(Endpoint("127.0.0.1", 0), status_store, metrics, lines.log)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def port(server: StatusServer) -> int:
    return server.port
