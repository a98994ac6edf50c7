"""One question to another host, over real sockets: what is no status is named, and nothing else is raised."""

import asyncio
import json

import pytest

from sidecar.checks.resolve import Resolver
from sidecar.observer.node_request import LARGEST, ask, is_own, url
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import Unreadable
from tests.unit.observer.status_server import HOST, http, serving
from tests.unit.telemetry.node_documents import document

STATUS = json.dumps(document()).encode()


def asked(answer: bytes, *, host: str = HOST) -> str | None:
    """Return the name that a server tells which answers this."""

    async def question() -> str | None:
        async with serving(answer, host=host) as node, asyncio.timeout(10):
            told = await ask(node, Resolver())
            return None if told is None else told.node

    return asyncio.run(question())


def test_the_status_of_another_host_is_read() -> None:
    assert asked(http(STATUS)) == "b"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    assert asked(chunked % (len(STATUS), STATUS)) == "b"


def test_this_host_is_left_out() -> None:
    assert asked(http(STATUS), host="127.0.0.1") is None
    assert is_own("127.0.0.1")
    assert is_own("::1")


@pytest.mark.parametrize("address", [HOST, "192.0.2.1", "2001:db8::1"])
def test_another_address_is_none_of_this_host(address: str) -> None:
    assert not is_own(address)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http(b"stopping", "503 Service Unavailable"), "the answer has status 503"),
        (http(b"hello"), "the answer is no JSON"),
        (http(b'{"node": "b"}'), "virtual_routers is missing"),
        (b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP"),
        (b"", "closed the connection"),
        (http(STATUS)[:-1], "closed the connection: no end of body"),
        (http(b" " * LARGEST + STATUS), f"the answer is longer than {LARGEST} bytes"),
    ],
)
def test_what_is_no_status_is_named(answer: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        asked(answer)


def test_a_port_where_nobody_listens_refuses() -> None:
    async def question() -> None:
        async with serving(b"") as node:
            pass
        await ask(node, Resolver())

    with pytest.raises(ConnectionRefusedError):
        asyncio.run(question())


def test_a_node_is_called_as_in_the_configuration() -> None:
    assert url(Endpoint("10.77.0.12", 9650)) == "http://10.77.0.12:9650"
    assert url(Endpoint("fd77::12", 9650)) == "http://[fd77::12]:9650"
