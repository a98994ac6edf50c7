"""A visitor sees for how long nobody answers, at a real port."""

import socket
import time
from collections.abc import Callable
from ipaddress import ip_address
from math import inf

import pytest

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
