"""The status server over real sockets: who may ask what, and what a hostile client can do (nothing).

Modules: telemetry.http_message, telemetry.routes, telemetry.routing, telemetry.status_server.
"""

import http.client
import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sidecar.cli.control import get
from sidecar.core.state import State
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.http_server import PATIENCE, PLACES
from sidecar.telemetry.listener import ControlInUse, ListenError, claimed, listen_unix
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import VERSION_TWO, Clock, Lines, router, snapshot
from tests.unit.telemetry.http_client import fetch, raw

pytestmark = pytest.mark.parts

Start = Callable[..., StatusServer]


@pytest.fixture
def start(status_store: StatusStore, metrics: Metrics, lines: Lines) -> Iterator[Start]:
    servers = []

    def begin(where: Endpoint | Path, **options: object) -> StatusServer:
        server = StatusServer(where, status_store, metrics, lines.log, **options)  # type: ignore[arg-type]
        server.start()
        servers.append(server)
        return server

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture
def port(start: Start) -> int:
    return start(Endpoint("127.0.0.1", 0)).port


def test_every_page_answers(port: int) -> None:
    assert fetch(port, "/healthz")[::2] == (200, b"ok\n")
    assert fetch(port, "/readyz")[::2] == (200, b"ok\n")
    assert b"/status.json" in fetch(port, "/")[2]
    status, kind, body = fetch(port, "/status.json?pretty")
    assert (status, kind, json.loads(body)["node"]) == (200, "application/json", "a")
    status, kind, body = fetch(port, "/metrics")
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    assert b"vipsidecar_build_info{" in body


def test_openmetrics_for_those_who_ask(port: int) -> None:
    reply = raw(port, b"GET /metrics HTTP/1.1\r\nACCEPT: application/openmetrics-text;version=1.0.0\r\n\r\n")
    assert b"\r\nContent-Type: application/openmetrics-text" in reply
    assert reply.endswith(b"# EOF\n")


def test_head_has_the_length_and_no_body(port: int) -> None:
    head, _, body = raw(port, b"HEAD /healthz HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Length: 3" in head
    assert body == b""


def test_what_is_not_there_is_refused_with_a_reason(port: int) -> None:
    assert fetch(port, "/nothing")[0] == 404
    reply = raw(port, b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: GET, HEAD\r\n" in reply


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET http://example.com/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nAccept : a\r\n\r\n",
    ],
)
def test_a_malformed_request_is_a_400(port: int, request_bytes: bytes) -> None:
    assert raw(port, request_bytes).startswith(b"HTTP/1.1 400 ")


def test_an_endless_request_is_cut_at_8_kib(port: int) -> None:
    assert raw(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000).startswith(b"HTTP/1.1 431 ")


def test_a_stuck_loop_is_told_and_everything_still_answers(port: int, clock: Clock) -> None:
    clock.now += 12.3
    sentence = b"stuck: the protocol loop last ran 12.3 s ago\n"
    assert fetch(port, "/healthz")[::2] == (503, sentence)
    assert fetch(port, "/readyz")[::2] == (503, sentence)
    assert fetch(port, "/metrics")[0] == 200
    assert json.loads(fetch(port, "/status.json")[2])["loop"]["alive"] is False


def test_a_fault_is_not_ready_but_healthy(port: int, status_store: StatusStore) -> None:
    status_store.publish(snapshot(router(state=State.FAULT, reason="interface eth0 is down")))
    assert fetch(port, "/readyz")[::2] == (503, b"web is FAULT: interface eth0 is down\n")
    assert fetch(port, "/healthz")[0] == 200


def test_who_is_refused_is_told_and_makes_no_host_unready(port: int, status_store: StatusStore) -> None:
    status_store.publish(snapshot(router(mismatches=(VERSION_TWO,))))
    code, _, body = fetch(port, "/readyz")
    first, told = body.decode().splitlines()
    assert (code, first) == (200, "ok")
    assert told.startswith("web: adverts of 10.77.0.66 (02:00:00:77:00:42) are refused: ")
    assert b'vipsidecar_vrrp_refused_senders{router="web"} 1.0' in fetch(port, "/metrics")[2]


def test_before_the_first_snapshot_it_is_starting(metrics: Metrics, lines: Lines, clock: Clock) -> None:
    server = StatusServer(Endpoint("127.0.0.1", 0), StatusStore(clock), metrics, lines.log)
    server.start()
    try:
        for path in ("/healthz", "/readyz", "/status.json"):
            status, _, body = fetch(server.port, path)
            assert (status, body.split(b":")[0]) == (503, b"starting")
    finally:
        server.stop()


def test_fifty_at_once_are_all_answered(port: int) -> None:
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: fetch(port, "/metrics")[0], range(50)))
    assert replies == [200] * 50


def test_a_dripping_client_is_shown_out_and_keeps_nobody_else_waiting(port: int) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"GET / HT")
        assert fetch(port, "/healthz")[0] == 200
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.2):
                try:
                    slow.sendall(b"x")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            answer = slow.recv(100)
        finally:
            stop.set()
            dripping.join()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert PATIENCE <= time.monotonic() - began < PATIENCE + 10


def test_when_all_places_are_taken_the_next_waits_until_the_idle_ones_are_shown_out(start: Start) -> None:
    port = start(Endpoint("127.0.0.1", 0), patience=1.0).port
    # The kernel hands connections over in order: all of these have a place before the next one can.
    idle = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(PLACES)]
    try:
        began = time.monotonic()
        assert fetch(port, "/healthz")[0] == 200
        waited = time.monotonic() - began
    finally:
        for connection in idle:
            connection.close()
    assert 0.8 < waited < 20


def test_a_client_that_never_reads_loses_its_place(start: Start) -> None:
    big = text(http.HTTPStatus.OK, "x" * 20_000_000)
    routes = {**READ_ONLY, "/big": {"GET": lambda _r, _s: big}}
    server = start(Endpoint("127.0.0.1", 0), routes=routes, patience=1.0)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as deaf:
        deaf.sendall(b"GET /big HTTP/1.1\r\n\r\n")
        assert fetch(server.port, "/healthz")[0] == 200
        assert _places_are_free_within(server, 20)


def _places_are_free_within(server: StatusServer, seconds: float) -> bool:
    """Take every place that can be had: one is always with the thread that waits in accept."""
    deadline = time.monotonic() + seconds
    return all(
        server._places.acquire(timeout=max(0.0, deadline - time.monotonic())) for _ in range(PLACES - 1)
    )


def test_a_broken_page_is_a_500_with_a_count_and_a_log_line(
    start: Start, metrics: Metrics, lines: Lines
) -> None:
    def broken(_request: Request, _site: Site) -> Response:
        raise ValueError("no such thing")

    server = start(Endpoint("127.0.0.1", 0), routes={"/broken": {"GET": broken}})
    assert fetch(server.port, "/broken")[0] == 500
    assert 'errors_total{component="http",reason="handler"} 1.0' in metrics.expose()[1].decode()
    assert lines.seen[0]["detail"] == "ValueError('no such thing')"


def test_it_listens_on_ipv6(start: Start) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("IPv6 is off on this machine; sysctl net.ipv6.conf.lo.disable_ipv6=0 enables this test")
    assert fetch(start(Endpoint("::1", 0)).port, "/healthz", host="::1")[0] == 200
    both = start(Endpoint("::", 0)).port
    assert fetch(both, "/healthz", host="::1")[0] == fetch(both, "/healthz")[0] == 200


def test_after_stop_the_port_is_free_and_no_thread_accepts(start: Start) -> None:
    server = start(Endpoint("127.0.0.1", 0))
    port = server.port
    assert fetch(port, "/healthz")[0] == 200
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 5
    assert server._thread is not None
    assert not server._thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        fetch(port, "/healthz")
    assert start(Endpoint("127.0.0.1", port)).port == port


def test_the_control_socket_is_private_serves_the_same_and_goes_away(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "made" / "control.sock"
    old = os.umask(0)
    try:
        server = start(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    status, body = get(str(path), "/status.json")
    assert (status, json.loads(body)["node"]) == (200, "a")
    server.stop()
    assert not path.exists()


def test_a_verb_can_be_added_to_the_control_socket_alone(start: Start, tmp_path: Path, port: int) -> None:
    def drain(_request: Request, site: Site) -> Response:
        site.status_store.maintenance = True
        return text(http.HTTPStatus.OK, "draining")

    path = tmp_path / "control.sock"
    start(path, routes={**READ_ONLY, "/drain": {"POST": drain}})
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(b"POST /drain HTTP/1.1\r\n\r\n")
        assert connection.recv(1000).endswith(b"draining\n")
    assert fetch(port, "/drain", method="POST")[0] == 404


def test_a_second_sidecar_is_refused_and_the_first_goes_on(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    assert not claimed(path)
    start(path)
    assert claimed(path)
    with pytest.raises(ControlInUse, match="another vip-sidecar is running"):
        start(path)
    assert get(str(path), "/healthz")[0] == 200


def test_the_socket_of_a_killed_sidecar_is_replaced(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from sidecar.telemetry.listener import listen_unix\n"
        "listen_unix(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    dead = subprocess.run([sys.executable, "-c", code, str(path)], check=False, cwd=Path(__file__).parents[3])
    assert dead.returncode == -9
    assert path.is_socket()
    start(path)
    assert get(str(path), "/healthz")[0] == 200


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    path.write_text("precious")
    with pytest.raises(ListenError, match="no socket"):
        listen_unix(path)
    assert path.read_text() == "precious"
