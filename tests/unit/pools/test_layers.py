"""A probe of a pool asks what nginx asks: Host, headers, method, TLS, and a port of its own."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from sidecar.checks.probe import Finding, ProbeProgress
from sidecar.checks.resolve import Resolver
from sidecar.core.health.result import Outcome
from sidecar.plan.pool import PoolCheck
from sidecar.plan.request import Expect, Header, Method
from sidecar.pools.layers import layered
from tests.unit.checks.hostile import OK, certify, says
from tests.unit.checks.stage import Handler, server

BODY = OK + b"Content-Length: 2\r\n\r\nok"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


def probe(handler: Handler, context: ssl.SSLContext | None = None, **keys: Any) -> Finding:
    async def scenario() -> Finding:
        async with server(handler, ssl=context) as port:
            check = PoolCheck(**{"http": "/healthz", **keys})
            return await layered(check, "127.0.0.1", port, Resolver())(ProbeProgress())

    return asyncio.run(scenario())


def site(seen: list[str], name: bytes = b"shop.example") -> Handler:
    """A server that answers 400 to every Host but its own."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.decode())
        writer.write(BODY if b"\r\nHost: " + name + b"\r\n" in head else BAD_REQUEST)
        writer.close()

    return handler


def test_a_site_that_wants_its_name_is_asked_by_it() -> None:
    seen: list[str] = []
    found = probe(site(seen), host="shop.example", headers=(Header("X-Probe", "1"),), method=Method.POST)
    assert (found.outcome, found.detail) == (Outcome.PASS, "http: 200")
    assert seen[0].startswith("POST /healthz HTTP/1.1\r\n")
    assert "X-Probe: 1\r\n" in seen[0]


def test_without_its_name_the_failure_says_what_to_set() -> None:
    found = probe(site([]))
    assert found.outcome is Outcome.FAIL
    assert found.detail.startswith("http: status 400; ")
    assert "`check.host`" in found.detail
    # With a Host of ours another one is no better advice.
    assert probe(site([]), host="other.example").detail == "http: status 400"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\n\r\nBlocked host: 10.0.0.1",
        b"HTTP/1.1 404 Not Found\r\n\r\n404 page not found",
        b"HTTP/1.1 421 Misdirected Request\r\n\r\n",
        b"",
    ],
)
def test_whatever_a_server_answers_to_a_name_it_does_not_know(answer: bytes) -> None:
    """As Rails, Traefik, Apache and nginx's `return 444` do."""
    found = probe(says(answer))
    assert found.outcome is Outcome.FAIL
    assert "`check.host`" in found.detail
    assert "`check.host`" not in probe(says(b"HTTP/1.1 500 Oops\r\n\r\n")).detail


def test_a_certificate_without_the_address_says_what_to_set(tmp_path: Path) -> None:
    file, context = certify(tmp_path, "shop.example")
    found = probe(says(BODY), context, tls=True, verify=True, ca=file)
    assert found.outcome is Outcome.FAIL
    assert found.detail.startswith("http: bad certificate: IP address mismatch")
    assert "`check.host`" in found.detail


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"verify": True}, Outcome.FAIL),
        ({"verify": True, "host": "shop.example:8443"}, Outcome.PASS),
        ({"verify": True, "host": "shop.example", "sni": "other.example"}, Outcome.FAIL),
    ],
)
def test_over_tls_as_nginx_asks(keys: dict[str, Any], outcome: Outcome, tmp_path: Path) -> None:
    file, context = certify(tmp_path, "shop.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    more = {"ca": file} if keys else {}
    found = probe(says(BODY), context, tls=True, **keys, **more)
    assert found.outcome is outcome, found
    assert asked == [keys.get("sni") or str(keys.get("host", "")).partition(":")[0] or None]


def test_a_port_of_its_own_is_asked_and_the_servers_own_is_connected_to() -> None:
    async def scenario() -> tuple[Finding, Finding]:
        async with server(says(BODY)) as port, server(says(BAD_REQUEST)) as own:
            check = PoolCheck(http="/healthz", port=port)
            serving = await layered(check, "127.0.0.1", own, Resolver())(ProbeProgress())
        async with server(says(BODY)) as port:
            check = PoolCheck(http="/healthz", port=port)
            dead = await layered(check, "127.0.0.1", own, Resolver())(ProbeProgress())
        return serving, dead

    serving, dead = asyncio.run(scenario())
    assert serving.outcome is Outcome.PASS
    assert (dead.outcome, dead.detail) == (Outcome.FAIL, "tcp: connection refused")


def test_a_body_and_the_head_without_one() -> None:
    assert probe(says(BODY), expect=Expect(body="ok")).outcome is Outcome.PASS
    assert probe(says(BODY), expect=Expect(body="no")).outcome is Outcome.FAIL
    head = says(OK + b"Content-Length: 1000\r\n\r\n")
    assert probe(head, method="HEAD").outcome is Outcome.PASS
