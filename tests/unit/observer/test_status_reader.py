"""The status of another host, over real sockets: what is no status is named, and nothing else is raised."""

import asyncio
import json

import pytest

from sidecar.checks.resolve import Resolver
from sidecar.observer.status_reader import LARGEST, bounded, read_status
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import Unreadable
from tests.unit.observer.status_server import http, serving
from tests.unit.telemetry.node_documents import document

STATUS = json.dumps(document()).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(STATUS), STATUS)
UNTIL_CLOSED = b"HTTP/1.0 200 OK\r\n\r\n"
PATIENCE = 30


async def name_at(node: Endpoint, *addresses: str) -> str:
    async with bounded(PATIENCE):
        return (await read_status(node, addresses, Resolver())).node


def asked(answer: bytes) -> str:
    """Return the name that a server tells which answers this."""

    async def question() -> str:
        async with serving(answer) as node:
            return await name_at(node, node.host)

    return asyncio.run(question())


@pytest.mark.parametrize("answer", [http(STATUS), CHUNKED + CHUNKS, UNTIL_CLOSED + STATUS])
def test_a_status_is_read_whatever_tells_its_end(answer: bytes) -> None:
    assert asked(answer) == "b"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "the answer is no status: closed the connection: no status line"),
        (b"SSH-2.0-OpenSSH\r\n", "the answer is no status: does not speak HTTP/1"),
        (b"HTTP/1.1\r\n\r\n{}", "the answer is no status: the status line is malformed"),
        (b"HTTP/1.1 \x1b[3 No\r\n\r\n", "the answer is no status: the status line is malformed"),
        (http(STATUS)[:-1], "the answer is no status: closed the connection: no end of body"),
        (http(b"stopping", "503 Service Unavailable"), "the answer has status 503"),
        (http(b"hello"), "the answer is no JSON"),
        (http(b"[" * 100_000), "the answer is no JSON"),
        (http(b'{"node": "b"}'), "virtual_routers is missing, or of another kind"),
        (http(b" " * LARGEST + STATUS), f"the answer is longer than {LARGEST} bytes"),
        (UNTIL_CLOSED + b" " * LARGEST, f"the answer is longer than {LARGEST} bytes"),
    ],
)
def test_what_is_no_status_is_named(answer: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        asked(answer)
    assert str(unreadable.value) == why


def test_a_host_that_says_nothing_is_given_up_in_time() -> None:
    async def question() -> None:
        async with serving(b"", stays=True) as node, bounded(0.05):
            await read_status(node, (node.host,), Resolver())

    with pytest.raises(Unreadable, match=r"^no answer within 0\.05 s$"):
        asyncio.run(question())


def test_a_port_where_nobody_listens_refuses() -> None:
    async def question() -> None:
        async with serving(b"") as node:
            pass
        await name_at(node, node.host)

    with pytest.raises(Unreadable, match=r"^connection refused$"):
        asyncio.run(question())


def test_of_several_addresses_the_first_that_takes_a_connection_is_asked() -> None:
    async def question() -> str:
        async with serving(http(STATUS)) as node:
            return await name_at(node, "127.0.0.3", node.host)

    assert asyncio.run(question()) == "b"


def test_a_name_without_an_address_is_named() -> None:
    async def question() -> None:
        async with bounded(PATIENCE):
            await Resolver().addresses("a..b")

    with pytest.raises(Unreadable, match=r"^the name has no address: "):
        asyncio.run(question())
