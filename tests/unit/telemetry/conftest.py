import os
from collections.abc import Iterator

import pytest

from sidecar.privileges import Privileges
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import PARAMS, Clock, Lines, snapshot


@pytest.fixture
def clock() -> Clock:
    return Clock(930.0)


@pytest.fixture
def status_store(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> StatusStore:
    """A status store 70 s after start, beaten just now, showing the hand-made snapshot."""
    monkeypatch.setenv("VIP_SIDECAR_REVISION", "abc123")
    status_store = StatusStore(clock, wall=lambda: 1_790_000_000.0)
    status_store.config_hash = "9f3a"
    status_store.config_shared_hash = 4711
    status_store.docker_connected = True
    own = Privileges(65534, 65534, 0, 0, 0, 0x3000, 0, no_new_privileges=True)
    status_store.processes = Processes(
        ObserverFacts(7, own, 2, 4096), RouterFacts(1, 0, 0x3000, 0x3000, 0x3000, 3, 4, 8388608)
    )
    clock.now = 1000.0
    status_store.publish(snapshot())
    status_store.beat(1000.0)
    return status_store


@pytest.fixture
def metrics(status_store: StatusStore) -> Metrics:
    return Metrics(
        [router.name for router in PARAMS.routers], PARAMS.checks, status_store, log_dropped=lambda: 7
    )


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue
