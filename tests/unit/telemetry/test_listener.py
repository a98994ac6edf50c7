"""A status server that cannot listen stops nothing: it says so, tries again, and serves when it can."""

import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry import http_server
from sidecar.telemetry.listener import ControlInUse, listen_unix
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Lines

pytestmark = pytest.mark.parts

SOON = 0.05


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LISTEN_RETRY", SOON)


@pytest.fixture
def occupied() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other


def answer(port: int) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status


def eventually(port: int, wanted: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            assert answer(port) == wanted
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(SOON)
        else:
            return


def listen_errors(metrics: Metrics) -> float:
    (line,) = (
        line
        for line in metrics.expose()[1].decode().splitlines()
        if line.startswith('vipsidecar_errors_total{component="http",reason="listen"}')
    )
    return float(line.split()[-1])


def test_a_port_that_is_taken_is_told_tried_again_and_served_when_it_is_free(
    occupied: socket.socket, status_store: StatusStore, metrics: Metrics, lines: Lines
) -> None:
    port = occupied.getsockname()[1]
    server = StatusServer(Endpoint("127.0.0.1", port), status_store, metrics, lines.log)
    assert listen_errors(metrics) == 0
    server.start()
    try:
        view = status_store.view()
        assert view is not None
        assert view.troubles == (f"cannot listen on 127.0.0.1:{port}: Address already in use",)
        deadline = time.monotonic() + 10
        while listen_errors(metrics) <= 1:
            assert time.monotonic() < deadline
            time.sleep(SOON)
        assert [line["reason"] for line in lines.seen] == ["listen"], "said once, counted each time"
        occupied.close()
        eventually(port, 200)
        view = status_store.view()
        assert view is not None
        assert view.troubles == ()
        assert lines.seen[-1]["event"] == "listening"
    finally:
        server.stop()


def test_an_address_that_comes_later(status_store: StatusStore, metrics: Metrics, lines: Lines) -> None:
    server = StatusServer(Endpoint("192.0.2.77", 9650), status_store, metrics, lines.log)
    server.start()
    server.stop()
    assert "192.0.2.77:9650: Cannot assign requested address" in lines.seen[0]["detail"]


def test_a_name_without_an_answer_keeps_nobody_waiting(
    status_store: StatusStore, metrics: Metrics, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(6.0)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    server = StatusServer(Endpoint("monitor.example", 9650), status_store, metrics, lines.log)
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 4
    deadline = time.monotonic() + 30
    while not lines.seen and time.monotonic() < deadline:
        time.sleep(SOON)
    server.stop()
    assert "monitor.example:9650: Temporary failure" in lines.seen[0]["detail"]


def test_a_control_socket_whose_folder_cannot_be_made(
    status_store: StatusStore, metrics: Metrics, lines: Lines
) -> None:
    server = StatusServer(Path("/proc/none/control.sock"), status_store, metrics, lines.log)
    server.start()
    server.stop()
    assert "cannot listen on /proc/none/control.sock" in lines.seen[0]["detail"]


def test_a_control_socket_that_another_sidecar_has_when_it_is_tried_again(
    status_store: StatusStore, metrics: Metrics, lines: Lines, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.touch()
    server = StatusServer(folder / "control.sock", status_store, metrics, lines.log)
    server.start()
    try:
        folder.unlink()
        folder.mkdir()
        other = listen_unix(folder / "control.sock")
    except (ControlInUse, FileExistsError):
        pytest.skip("it was tried again in that very moment")
    try:
        deadline = time.monotonic() + 10
        while "another vip-sidecar is running" not in lines.seen[-1]["detail"]:
            assert time.monotonic() < deadline
            time.sleep(SOON)
        other.close()
        while lines.seen[-1]["event"] != "listening":
            assert time.monotonic() < deadline
            time.sleep(SOON)
    finally:
        server.stop()


def test_a_name_that_can_be_none_is_told(status_store: StatusStore, metrics: Metrics, lines: Lines) -> None:
    server = StatusServer(Endpoint("a..b", 9650), status_store, metrics, lines.log)
    server.start()
    try:
        deadline = time.monotonic() + 10
        while not lines.seen:
            assert time.monotonic() < deadline
            time.sleep(SOON)
        assert "a..b:9650: that is no name of a host" in lines.seen[0]["detail"]
    finally:
        server.stop()


def test_stop_while_it_still_tries(
    occupied: socket.socket, status_store: StatusStore, metrics: Metrics, lines: Lines
) -> None:
    server = StatusServer(Endpoint("127.0.0.1", occupied.getsockname()[1]), status_store, metrics, lines.log)
    server.start()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 5
    assert server._thread is not None
    assert not server._thread.is_alive()


def test_what_two_threads_say_of_two_services_at_once_is_not_lost(status_store: StatusStore) -> None:
    def say(service: str) -> None:
        for _ in range(3000):
            status_store.trouble(service, "it cannot listen")
            status_store.settled(service)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=say, args=(str(number),)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    view = status_store.view()
    assert view is not None
    assert view.troubles == ()
