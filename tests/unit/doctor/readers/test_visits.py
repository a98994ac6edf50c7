"""The requests of checks at a VIP: real servers on addresses of loopback."""

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from sidecar.doctor.readers.visits import visit_all
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.request import Expect, StatusRange

VIP = ip_address("127.0.0.77")


@pytest.fixture
def port() -> Iterator[int]:
    """A server on one address that answers 404 to whatever is asked."""
    with socket.socket() as server:
        server.bind((str(VIP), 0))
        server.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(
                        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def page(port: int, status: int = 200) -> HttpCheck:
    url = HttpUrl(tls=False, host="127.0.0.1", port=port, target="/")
    return HttpCheck("http", url, Expect((StatusRange(status, status),)))


def test_the_same_request_goes_to_the_vip(port: int) -> None:
    passes, fails, opens = visit_all(
        [
            (page(port, 404), VIP, True),
            (page(port), VIP, False),
            (TcpCheck("port", Endpoint("127.0.0.1", port)), VIP, False),
        ]
    )
    assert (passes.passed, passes.connected, passes.local) == (True, True, True)
    assert (fails.passed, fails.connected, fails.detail) == (False, True, "status 404")
    assert (opens.passed, opens.connected) == (True, True)


def test_nobody_there_is_not_connected(port: int) -> None:
    elsewhere = ip_address("127.0.0.78")
    refused, also = visit_all(
        [
            (page(port), elsewhere, False),
            (TcpCheck("port", Endpoint("127.0.0.1", port)), elsewhere, False),
        ]
    )
    assert (refused.passed, refused.connected) == (False, False)
    assert (also.passed, also.connected) == (False, False)
    assert "refused" in refused.detail
    assert "refused" in also.detail
