"""The page of a real sidecar: it follows what happens, and whoever reads it delays no advert."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from statistics import median

import pytest

from tests.netns.lab import Host, Lab, wait_until
from tests.netns.on_time import control, lateness, p99
from tests.netns.vrrp_daemon import STATUS_PORT, Setup, status

pytestmark = pytest.mark.netns

A = 0.1


def ask(host: Host, path: str) -> socket.socket:
    """A connection that has asked, and has read nothing yet."""
    with host.namespace.network():
        connection = socket.create_connection(("127.0.0.1", STATUS_PORT), timeout=20)
    connection.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    return connection


def until(connection: socket.socket, words: bytes) -> None:
    """Read a stream until it has said this."""
    seen = b""
    while words not in seen:
        more = connection.recv(65536)
        assert more, seen[-2000:]
        seen += more


def seconds(host: Host, path: str) -> float:
    """The median time to an answer."""
    taken = []
    for _ in range(5):
        began = time.monotonic()
        assert status(host.namespace, path)[0] == 200
        taken.append(time.monotonic() - began)
    return median(taken)


def test_an_open_page_tells_of_a_dead_nginx_and_of_a_router_that_does_not_run() -> None:
    with Lab(Setup(interval=0.3)) as lab:
        lab.start()
        a = lab.hosts["a"]
        with closing(ask(a, "/status/stream")) as page:
            until(page, b"a</bdi>: <bdi>serves web (")
            began = time.monotonic()
            a.nginx.kill()
            until(page, b"check nginx is down: ")
            print(f"told of a dead nginx after {time.monotonic() - began:.2f} s")
            paths = ("/status?plain", "/metrics", "/status.json")
            running = max(seconds(a, path) for path in paths)
            os.kill(a.daemon.pid, signal.SIGSTOP)
            try:
                began = time.monotonic()
                stopped = max(seconds(a, path) for path in paths)
                print(f"answers after {stopped:.3f} s, {running:.3f} s when the router runs")
                assert stopped <= 2 * running + 0.1
                until(page, b"the protocol loop last ran ")
                print(f"told of a stopped router after {time.monotonic() - began:.2f} s")
                code, text = status(a.namespace, "/status?plain")
                assert (code, text[0]) == (200, "\N{BALLOT X}")
            finally:
                os.kill(a.daemon.pid, signal.SIGCONT)


@contextmanager
def crowd(host: Host) -> Iterator[None]:
    """Two hundred who want a stream, and fifty who ask for the page and do not read it."""
    with ExitStack() as stack:
        for path in ["/status/stream"] * 200 + ["/status"] * 50:
            stack.enter_context(closing(ask(host, path)))
        yield


@pytest.mark.whole
@pytest.mark.alone
@pytest.mark.timing
def test_a_crowd_that_reads_slowly_delays_no_advert() -> None:
    with Lab(Setup(interval=A), hosts=1) as lab:
        lab.start()
        a = lab.hosts["a"]
        mark = lab.witness.mark
        with control(A) as beside, crowd(a):
            wait_until(lambda: len(_adverts(lab, mark)) > 100, 60, "a hundred adverts")
        late = lateness(_adverts(lab, mark), A)
        print(f"late at most {max(late) * 1000:.1f} ms, control {max(beside.late) * 1000:.1f} ms")
        assert p99(late) <= p99(beside.late) + 0.02
        assert status(a.namespace, "/status?plain")[0] == 200


def _adverts(lab: Lab, mark: int) -> list[float]:
    return [event.about["stamp"] for event in lab.witness.since(mark) if event.kind == "advert"]
