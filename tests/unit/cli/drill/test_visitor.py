"""A visitor sees for how long nobody answers, at a real port."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from math import inf
from pathlib import Path

import pytest

from sidecar.cli.drill import visitor as visitor_module
from sidecar.cli.drill.visitor import EVERY, Place, Visitor

pytestmark = pytest.mark.parts

LOCAL = ip_address("127.0.0.1")


def listening(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=1024)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def accepted(server: socket.socket) -> bool:
    """Take whoever waits."""
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
    return True


def test_the_time_without_an_answer_is_measured() -> None:
    server = listening()
    port = server.getsockname()[1]
    visitor = Visitor((Place(LOCAL, port),))
    visitor.start()
    try:
        began = time.monotonic()
        until(lambda: visitor.answered(began))
        closed = time.monotonic()
        server.close()
        time.sleep(0.2)
        assert visitor.longest(closed, time.monotonic()) == inf
        opened = time.monotonic()
        server = listening(port)
        until(lambda: visitor.answered(opened))
        answered = time.monotonic()
        gap = visitor.longest(closed, answered)
        assert gap is not None
        assert opened - closed - EVERY <= gap <= answered - began
        calm = time.monotonic()
        until(lambda: visitor.answered(calm + 0.05))
        assert visitor.longest(calm + 0.04, calm + 0.05) != inf
    finally:
        visitor.stop()
        server.close()


def test_where_there_is_nothing_to_connect_to_nothing_is_measured() -> None:
    visitor = Visitor(())
    visitor.start()
    visitor.stop()
    assert visitor.longest(0.0, 1.0) is None
    assert visitor.answered(0.0)


def test_where_there_is_no_way_nobody_answers() -> None:
    # No TCP goes to a group: the kernel refuses at once, as it does without a route.
    visitor = Visitor((Place(ip_address("224.0.0.1"), 80),))
    visitor.start()
    try:
        began = time.monotonic()
        time.sleep(20 * EVERY)
        assert not visitor.answered(began)
        assert visitor.longest(began, time.monotonic()) == inf
    finally:
        visitor.stop()


def test_tries_that_nobody_answers_are_bounded_and_the_first_answer_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    most = 8
    monkeypatch.setattr(visitor_module, "_MOST", most)
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    # With a full backlog the kernel drops whoever else asks.
    full = [socket.socket() for _ in range(4)]
    for each in full:
        each.setblocking(False)
        each.connect_ex(server.getsockname())
    before = descriptors()
    visitor = Visitor((Place(LOCAL, server.getsockname()[1]),))
    visitor.start()
    try:
        began = time.monotonic()
        time.sleep(5 * most * EVERY)
        assert not visitor.answered(began)
        assert descriptors() - before <= most + 2
        server.setblocking(False)
        until(lambda: accepted(server) and visitor.answered(began))
    finally:
        visitor.stop()
        for each in (server, *full):
            each.close()
    assert descriptors() <= before
