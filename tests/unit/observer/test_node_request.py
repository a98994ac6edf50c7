"""One question to a host of the list, over real sockets, unless it is this one."""

import asyncio
import json

import pytest

from sidecar.checks.resolve import Resolver
from sidecar.observer.node_request import ask, is_own, url
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import Unreadable
from tests.unit.observer.status_server import HOST, http, serving
from tests.unit.telemetry.node_documents import document

STATUS = json.dumps(document()).encode()


def asked(answer: bytes, *, host: str = HOST) -> str | None:
    """Return the name that a server tells which answers this."""

    async def question() -> str | None:
        async with serving(answer, host=host) as node:
            told = await ask(node, Resolver())
            return None if told is None else told.node

    return asyncio.run(question())


def test_the_status_of_another_host_is_read() -> None:
    assert asked(http(STATUS)) == "b"


def test_this_host_is_left_out() -> None:
    assert asked(http(STATUS), host="127.0.0.1") is None
    assert is_own("127.0.0.1")
    assert is_own("::1")


@pytest.mark.parametrize("address", [HOST, "192.0.2.1", "2001:db8::1"])
def test_another_address_is_none_of_this_host(address: str) -> None:
    assert not is_own(address)


def test_what_is_no_status_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="the answer has status 503"):
        asked(http(b"stopping", "503 Service Unavailable"))


def test_a_node_is_called_as_in_the_configuration() -> None:
    assert url(Endpoint("10.77.0.12", 9650)) == "http://10.77.0.12:9650"
    assert url(Endpoint("fd77::12", 9650)) == "http://[fd77::12]:9650"
