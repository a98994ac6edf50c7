"""Status servers that take each other's place."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.plan.services import Log
from sidecar.telemetry.log import LogOutput
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.servers import StatusServers, Where
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def answers(port: int, host: str = "127.0.0.1") -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Stage:
    def __init__(self, *places: Where) -> None:
        status_store = StatusStore(lambda: 0.0)
        self.output = LogOutput(Log(), "a", fd=2)
        metrics = Metrics((), (), status_store)
        self.refused: list[str] = []
        self.servers = StatusServers(
            places,
            lambda where: StatusServer(where, status_store, metrics, self.output.logger),
            self.refused.append,
        )
        self.servers.start()

    def close(self) -> None:
        self.servers.stop()
        self.output.close()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def stage(port: int) -> Iterator[Stage]:
    made = Stage(Endpoint("127.0.0.1", port))
    yield made
    made.close()


def test_the_new_one_serves_and_the_old_one_is_gone(stage: Stage, port: int) -> None:
    other = free_port()
    assert stage.servers.open((Endpoint("127.0.0.1", other),)) == ""
    assert answers(port)
    stage.servers.commit()
    assert (answers(other), answers(port)) == (True, False)


def test_a_port_that_is_taken_changes_nothing(stage: Stage, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        why = stage.servers.open((Endpoint("127.0.0.1", taken.getsockname()[1]),))
    assert "cannot listen on 127.0.0.1" in why
    assert answers(port)


def test_what_is_abandoned_listens_no_more(stage: Stage, port: int) -> None:
    other = free_port()
    assert stage.servers.open((Endpoint("127.0.0.1", other),)) == ""
    stage.servers.abandon()
    assert (answers(port), answers(other)) == (True, False)
    stage.servers.commit()
    assert answers(port)


def test_the_same_port_of_all_addresses_takes_over_from_that_of_one(stage: Stage, port: int) -> None:
    assert stage.servers.open((Endpoint("0.0.0.0", port),)) == ""
    stage.servers.commit()
    assert answers(port, "127.0.0.2")


def test_what_has_made_room_in_vain_serves_again(stage: Stage, port: int) -> None:
    assert "cannot listen" in stage.servers.open((Endpoint("203.0.113.7", port),))
    assert answers(port)


def test_a_control_socket_moves(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "one.sock")
    try:
        assert stage.servers.open((tmp_path / "two.sock",)) == ""
        stage.servers.commit()
        assert sorted(each.name for each in tmp_path.glob("*.sock")) == ["two.sock"]
    finally:
        stage.close()
