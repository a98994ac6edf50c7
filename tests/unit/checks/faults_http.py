"""Faults of targets of tcp and http checks."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import Check, HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.request import Expect
from tests.unit.checks.fault_table import DEADLINE, FAIL, PASS, PATIENCE, TIMEOUT, Scenario, refused, when
from tests.unit.checks.hostile import (
    BIG,
    OK,
    Responder,
    certify,
    floods,
    hangs,
    resets,
    says,
    speaks_at_once,
    then_hangs,
    trickles,
    udp_server,
    vanishes,
)
from tests.unit.checks.stage import (
    Handler,
    first_result,
    in_new_network,
    ip,
    server,
    url,
)


def over_http(
    handler: Handler, target: str = "/", tls: ssl.SSLContext | None = None, **more: Any
) -> Scenario:
    def scenario(_: Path) -> CheckResult:
        async def work() -> CheckResult:
            async with server(handler, ssl=tls) as port:
                host = "localhost" if tls else "127.0.0.1"
                where = url(port, tls="verify" in more or tls is not None, host=host, target=target)
                return await first_result(HttpCheck("it", where, **{"timeout": DEADLINE, **more}))

        return asyncio.run(work())

    return scenario


def over_tls(fault: str, outcome: Outcome, detail: str, *, name: str = "localhost", days: int = 90) -> None:
    """Add a row about a certificate that is trusted, whatever else is wrong with it."""

    @when("http", fault, outcome, detail)
    def scenario(folder: Path) -> CheckResult:
        file, context = certify(folder, name, days)
        return over_http(says(OK + b"Content-Length: 2\r\n\r\nok"), tls=context, ca=file)(folder)


def full_backlog(check: Callable[[int], Check]) -> Scenario:
    def scenario(_: Path) -> CheckResult:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as stack:
            port = listener.getsockname()[1]
            for _filler in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            return asyncio.run(first_result(check(port)))

    return scenario


def tcp_check(port: int) -> Check:
    return TcpCheck("it", Endpoint("127.0.0.1", port), timeout=DEADLINE)


def http_check(port: int) -> Check:
    return HttpCheck("it", url(port), timeout=DEADLINE)


def resolving(kind: str, respond: Responder) -> Scenario:
    """A name server of our own on port 53 of a network of our own."""

    def scenario(folder: Path) -> CheckResult:
        def work() -> CheckResult:
            ip("link", "set", "lo", "up")
            (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
            subprocess.run(["mount", "--bind", folder / "resolv.conf", "/etc/resolv.conf"], check=True)
            check = {
                "tcp": TcpCheck("it", Endpoint("web.example", 80), timeout=DEADLINE),
                "http": HttpCheck("it", HttpUrl(False, "web.example", 80, "/"), timeout=DEADLINE),
            }
            with udp_server(respond, port=53):
                return asyncio.run(first_result(check[kind]))

        return in_new_network(work, mounts=True)

    return scenario


def no_such_name(query: bytes) -> list[bytes]:
    return [query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12 : query.index(b"\0", 12) + 5]]


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = (b"40\r\n" + b"x" * 64 + b"\r\n") * 99
DISASTER = "^(a+)+$"

when("tcp", "refused", FAIL, "connection refused")(refused(tcp_check))
when("tcp", "accepts, never answers", PASS, "connected")(
    lambda _: asyncio.run(_listening_only(tcp_check)),
)
when("tcp", "half open: the backlog is full", TIMEOUT, "not connected")(full_backlog(tcp_check))
when("tcp", "name does not resolve", FAIL, "name lookup of web.example")(resolving("tcp", no_such_name))
when("tcp", "name server hangs", TIMEOUT, "the name web.example was not looked up")(
    resolving("tcp", lambda _: [])
)


async def _listening_only(check: Callable[[int], Check]) -> CheckResult:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        return await first_result(check(listener.getsockname()[1]))


when("http", "refused", FAIL, "connection refused")(refused(http_check))
when("http", "hung: never accepts", TIMEOUT, "connected, no status line")(
    lambda _: asyncio.run(_listening_only(http_check)),
)
when("http", "half open: the backlog is full", TIMEOUT, "not connected")(full_backlog(http_check))
when("http", "half open: the host has vanished", TIMEOUT, "no status line")(over_http(vanishes))
when("http", "RST", FAIL, "connection reset")(over_http(resets))
when("http", "closes at once", FAIL, "closed the connection: no status line")(over_http(says(b"")))
when("http", "hangs in the headers", TIMEOUT, "no end of headers")(over_http(then_hangs(OK + b"A: b\r\n")))
when("http", "slow: trickles headers", TIMEOUT, "no end of headers")(over_http(trickles(OK, b"A: b\r\n")))
when("http", "slow: trickles the body", TIMEOUT, "no end of body")(over_http(trickles(OK + b"\r\n", b"x")))
when("http", "wrong status", FAIL, "status 503")(over_http(says(b"HTTP/1.1 503 S\r\n\r\n")))
when("http", "wrong body", FAIL, "lacks the expected text")(
    over_http(says(OK + b"\r\nSorry"), expect=Expect(body="Welcome"))
)
when("http", "body that the pattern does not match", FAIL, "does not match the pattern")(
    over_http(says(OK + b"\r\nSorry"), expect=Expect(regex="^Welcome"), timeout=PATIENCE)
)
when("http", "pattern that never ends", TIMEOUT, "was not searched for the pattern in that time")(
    over_http(says(OK + b"\r\n" + b"a" * 40 + b"!"), expect=Expect(regex=DISASTER))
)
when("http", "no HTTP", FAIL, "does not speak HTTP/1")(over_http(says(b"\x16\x03\x01\x00\x05hello\n")))
when("http", "endless headers", FAIL, "headers are longer")(over_http(floods(OK, b"A: b\r\n" * 1000)))
when("http", "endless interim responses", FAIL, "headers are longer")(
    over_http(floods(b"", b"HTTP/1.1 100 C\r\n\r\n" * 100))
)
when("http", "10 GB body", PASS, "200")(over_http(floods(OK + BIG, b"x" * 65536)))
when("http", "10 GB body without the expected text", FAIL, "lacks the expected text")(
    over_http(floods(OK + BIG, b"x" * 65536), expect=Expect(body="Welcome"))
)
when("http", "endless chunks", PASS, "200")(over_http(floods(OK + CHUNKED, CHUNK)))
when("http", "bad TLS: speaks none", FAIL, "TLS failed: ")(
    over_http(speaks_at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n"), verify=False)
)
when("http", "bad TLS: hangs in the handshake", TIMEOUT, "no TLS handshake")(over_http(hangs, verify=False))
over_tls("expired certificate", FAIL, "bad certificate: certificate has expired", days=-1)
over_tls("certificate of another name", FAIL, "bad certificate: Hostname mismatch", name="other")
over_tls("certificate that ends in 3 days", PASS, "the certificate expires in 3 days", days=4)
when("http", "name does not resolve", FAIL, "name lookup of web.example")(resolving("http", no_such_name))
when("http", "name server hangs", TIMEOUT, "the name web.example was not looked up")(
    resolving("http", lambda _: [])
)


@when("http", "certificate of an unknown authority", FAIL, "bad certificate: self-signed certificate")
def untrusted(folder: Path) -> CheckResult:
    _, context = certify(folder, "localhost")
    return over_http(says(OK + b"\r\n"), tls=context)(folder)
