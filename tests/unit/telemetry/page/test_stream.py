"""The page as server-sent events, and the few places for them, at the real server.

Modules: telemetry.streams.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_message import Request, Response
from sidecar.telemetry.http_server import PLACES
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.page.host import host_page
from sidecar.telemetry.page.source import PageSource
from sidecar.telemetry.page.stream import EVERY, follow
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from sidecar.telemetry.streams import HOST_STREAMS, STREAMS
from tests.unit.telemetry.handmade import Lines, router, snapshot
from tests.unit.telemetry.http_client import fetch, raw
from tests.unit.telemetry.page.facts import HOSTILE, Html, with_checks

ASK = b"GET /status/stream HTTP/1.1\r\n\r\n"


def html_of(event: bytes) -> str:
    """What a browser makes of a `part` event."""
    name, *lines = event.decode().removesuffix("\n\n").split("\n")
    assert name == "event: part"
    assert all(line.startswith("data: ") for line in lines)
    return "\n".join(line.removeprefix("data: ") for line in lines)


class Waits:
    """Waits for nothing, lets something happen meanwhile, and ends when all has happened."""

    def __init__(self, *changes: Callable[[], None]) -> None:
        self._changes = list(changes)

    def __call__(self, seconds: float) -> bool:
        assert seconds == EVERY
        if not self._changes:
            return True
        self._changes.pop(0)()
        return False


def test_a_part_is_sent_when_it_differs_and_never_else(status_store: StatusStore) -> None:
    def another_cause() -> None:
        status_store.publish(snapshot(router(reason="another cause")))

    waits = Waits(lambda: None, another_cause, lambda: None)
    retry, first, same, other, last = follow(PageSource(partial(host_page, status_store), fresh=0), waits)
    assert retry == b"retry: 1000\n\n"
    for element in ("title", "icon", "banner", "hosts", "tables", "commands"):
        assert f'id="{element}"' in html_of(first)
    assert same == last == b"event: beat\ndata: .\n\n"
    assert [tag.attributes["id"] for tag in Html(html_of(other)).tags if "id" in tag.attributes] == ["hosts"]
    assert "another cause" in html_of(other)


def test_no_byte_of_others_is_an_event(status_store: StatusStore) -> None:
    status_store.publish(with_checks(HOSTILE, up=False))
    _, first = follow(PageSource(partial(host_page, status_store)), Waits())
    assert first.count(b"\n\n") == 1
    assert b"\r" not in first
    assert not [tag for tag in Html(html_of(first)).tags if tag.name in ("script", "img")]
    assert len(Html(html_of(first)).all("svg")) == 1  # the line of the router


def test_a_stream_ends_so_that_its_place_is_free_again(status_store: StatusStore) -> None:
    assert len(list(follow(PageSource(partial(host_page, status_store)), lambda _: False, longest=0.0))) == 2


# ---- at the server


@pytest.fixture
def opened(port: int) -> Iterator[Callable[..., socket.socket]]:
    connections = []

    def begin(asked: bytes = ASK) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        connections.append(connection)
        connection.sendall(asked)
        return connection

    yield begin
    for connection in connections:
        connection.close()


def until(connection: socket.socket, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        more = connection.recv(65536)
        assert more, seen
        seen += more
    return seen


@pytest.mark.parts
def test_a_browser_is_told_what_changes_without_asking(
    opened: Callable[[], socket.socket], status_store: StatusStore
) -> None:
    connection = opened()
    begin = until(connection, b"event: beat")
    assert begin.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
    assert b"Content-Length" not in begin
    status_store.publish(snapshot(router(reason="another cause")))
    assert b'<section id="hosts"' in until(connection, b"another cause")


@pytest.mark.parts
def test_after_four_the_next_is_refused_and_everybody_else_is_answered(
    opened: Callable[[], socket.socket], port: int
) -> None:
    streams = [opened() for _ in range(STREAMS)]
    for stream in streams:
        until(stream, b"event: part")
    refused = raw(port, ASK)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 30\r\n" in refused
    assert raw(port, b"HEAD /status/stream HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert fetch(port, "/status")[0] == 200
    streams[0].close()
    ends = time.monotonic() + 20
    while b" 200 " not in until(opened(), b"\r\n"):
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parts
def test_two_hundred_streams_take_no_place_of_others(opened: Callable[[], socket.socket], port: int) -> None:
    connections = [opened() for _ in range(200)]
    answers = [until(connection, b"\r\n")[:13] for connection in connections]
    assert answers.count(b"HTTP/1.1 200 ") == STREAMS
    assert answers.count(b"HTTP/1.1 503 ") == 200 - STREAMS
    assert fetch(port, "/healthz")[0] == 200


def test_streams_of_hosts_and_of_people_take_no_place_from_each_other(
    opened: Callable[..., socket.socket],
) -> None:
    alive = b"GET /alive HTTP/1.1\r\n\r\n"
    hosts = [opened(alive) for _ in range(HOST_STREAMS + 1)]
    people = [opened() for _ in range(STREAMS + 1)]
    for connections, most in ((hosts, HOST_STREAMS), (people, STREAMS)):
        answers = [until(connection, b"\r\n")[:13] for connection in connections]
        assert (answers.count(b"HTTP/1.1 200 "), answers.count(b"HTTP/1.1 503 ")) == (most, 1)


@pytest.mark.parts
def test_a_client_that_never_reads_loses_its_place(
    status_store: StatusStore, metrics: Metrics, lines: Lines
) -> None:
    over = threading.Event()

    def flood(_wait: Callable[[float], bool]) -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            over.set()

    def endless(_request: Request, _site: Site) -> Response:
        return Response(HTTPStatus.OK, b"", chunks=flood)

    server = StatusServer(
        Endpoint("127.0.0.1", 0),
        status_store,
        metrics,
        lines.log,
        {**READ_ONLY, "/flood": {"GET": endless}},
        0.3,
    )
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as deaf:
            deaf.sendall(b"GET /flood HTTP/1.1\r\n\r\n")
            assert over.wait(20)
            assert all(server._streams._places.acquire(timeout=20) for _ in range(STREAMS))
            assert fetch(server.port, "/healthz")[0] == 200
    finally:
        server.stop()


@pytest.mark.parts
def test_a_stream_that_breaks_is_counted_and_told(
    status_store: StatusStore, metrics: Metrics, lines: Lines
) -> None:
    def begins(_wait: Callable[[float], bool]) -> Iterator[bytes]:
        yield b"begun"
        raise ValueError("no such thing")

    def broken(_request: Request, _site: Site) -> Response:
        return Response(HTTPStatus.OK, b"", chunks=begins)

    routes = {"/broken": {"GET": broken}}
    server = StatusServer(Endpoint("127.0.0.1", 0), status_store, metrics, lines.log, routes)
    server.start()
    try:
        assert raw(server.port, b"GET /broken HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\nbegun")
        assert 'errors_total{component="http",reason="handler"} 1.0' in metrics.expose()[1].decode()
        assert lines.seen[0]["detail"] == "ValueError('no such thing')"
    finally:
        server.stop()


@pytest.mark.parts
def test_streams_end_with_the_server(opened: Callable[[], socket.socket], server: StatusServer) -> None:
    connection = opened()
    until(connection, b"event: part")
    assert all(server._places.acquire(timeout=20) for _ in range(PLACES - 1))
    server.stop()
    while connection.recv(65536):
        pass
