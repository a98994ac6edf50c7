"""The page of a real sidecar: it follows what happens, and whoever reads it delays no advert."""

import os
import signal
import socket
import time
from contextlib import closing
from statistics import median

import pytest

from tests.netns.bounds import WAKES
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.on_time import control, lateness, p99
from tests.netns.readers import ask, crowd
from tests.netns.vrrp_daemon import Setup, status

pytestmark = pytest.mark.netns

A = 0.1
TOLD, STUCK = 1.5, 3.0
"""Seconds until an open page tells of a dead nginx, and of a router that does not run."""
ADVERTS = int(os.environ.get("ADVERTS", "200"))
"""Adverts whose lateness is measured. The rule of the project asks for 1,000, which is `make readers`."""
GRACE = WAKES if ADVERTS < 1000 else 0
"""How often the lateness of the control counts, beside half an interval. The long form allows nothing."""


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


@pytest.mark.timing
def test_an_open_page_tells_of_a_dead_nginx_and_of_a_router_that_does_not_run() -> None:
    with Lab(Setup(interval=0.3)) as lab:
        lab.start()
        a = lab.hosts["a"]
        with closing(ask(a.namespace, "/status/stream")) as page:
            until(page, b"a</bdi>: <bdi>serves web (")
            began = time.monotonic()
            a.nginx.kill()
            until(page, b"check nginx is down: ")
            told = time.monotonic() - began
            print(f"told of a dead nginx after {told:.2f} s")
            assert told <= TOLD + lab.grace(began)
            paths = ("/status?plain", "/metrics", "/status.json")
            running = max(seconds(a, path) for path in paths)
            os.kill(a.daemon.pid, signal.SIGSTOP)
            try:
                began = time.monotonic()
                stopped = max(seconds(a, path) for path in paths)
                print(f"answers after {stopped:.3f} s, {running:.3f} s when the router runs")
                assert stopped <= 2 * running + 0.1
                until(page, b"the protocol loop last ran ")
                told = time.monotonic() - began
                print(f"told of a stopped router after {told:.2f} s")
                assert told <= STUCK + lab.grace(began)
                code, text = status(a.namespace, "/status?plain")
                assert (code, text[0]) == (200, "\N{BALLOT X}")
            finally:
                os.kill(a.daemon.pid, signal.SIGCONT)


@pytest.mark.whole
@pytest.mark.alone
@pytest.mark.timing
@pytest.mark.timeout(400)
def test_a_crowd_that_reads_slowly_delays_no_advert() -> None:
    """200 who want a stream and 50 who do not read, again and again. `make readers` is the long form."""
    with Lab(Setup(interval=A), hosts=1) as lab:
        lab.start()
        a = lab.hosts["a"]
        mark = lab.witness.mark
        with control(A) as beside, crowd(a.namespace, 200, 50) as clients:
            wait_until(lambda: len(_adverts(lab, mark)) > ADVERTS, 2 * A * ADVERTS + 60, "adverts")
            asked = clients.asked
        late = lateness(_adverts(lab, mark), A)
        print(
            f"{asked} questions, {len(late)} adverts: p99 {p99(late):.4f} s, worst {max(late):.4f} s; "
            f"control: p99 {p99(beside.late):.4f} s, worst {max(beside.late):.4f} s"
        )
        assert asked > 250
        assert p99(late) <= p99(beside.late) + 0.010
        assert max(late) <= A / 2 + GRACE * max(beside.late)
        assert status(a.namespace, "/status?plain")[0] == 200


def _adverts(lab: Lab, mark: int) -> list[float]:
    return [event.about["stamp"] for event in lab.witness.since(mark) if event.kind == "advert"]
