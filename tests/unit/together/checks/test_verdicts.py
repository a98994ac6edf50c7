"""Kinds times faults: each hostile or sick target gets the right verdict within its deadline.

Modules: checks.dial, checks.probe, checks.resolve.
"""

import asyncio
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from sidecar.checks import resolve
from sidecar.checks.dial import Dial
from sidecar.checks.kinds.tcp import TcpProbe
from sidecar.checks.probe import ProbeProgress
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import Check, HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.request import Expect, StatusRange
from tests.unit.checks.hostile import OK, floods, request, resets, says, then_hangs, trickles
from tests.unit.checks.stage import Handler, first_result, free_port, nginx, server, url

DEADLINE = 0.3


def http(port: int, **more: Any) -> Check:
    return HttpCheck("it", url(port), timeout=DEADLINE, **more)


NO_CONTENT = Expect(status=(StatusRange(204, 204),))
TABLE: list[tuple[str, Handler, dict[str, object], Outcome, str]] = [
    ("pass", says(OK + b"Content-Length: 2\r\n\r\nok"), {}, Outcome.PASS, "200 in "),
    ("redirect is an answer", says(b"HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n"), {}, Outcome.PASS, "302 in "),
    ("body", says(OK + b"\r\nWelcome"), {"expect": Expect(body="come")}, Outcome.PASS, "200"),
    ("wrong status", says(b"HTTP/1.1 503 S\r\n\r\n"), {}, Outcome.FAIL, "status 503"),
    (
        "narrow",
        says(OK + b"\r\n"),
        {"expect": Expect(status=(StatusRange(204, 204),))},
        Outcome.FAIL,
        "status 200",
    ),
    ("wrong body", says(OK + b"\r\nSorry"), {"expect": Expect(body="Welcome")}, Outcome.FAIL, "lacks"),
    ("closes at once", says(b""), {}, Outcome.FAIL, "closed the connection: no status line"),
    ("body cut", says(OK + b"Content-Length: 9\r\n\r\nxx"), {}, Outcome.FAIL, "no end of body"),
    ("reset", resets, {}, Outcome.FAIL, "connection reset"),
    ("garbage", says(b"\x16\x03\x01\x00\x05hello\n"), {}, Outcome.FAIL, "does not speak HTTP/1"),
    ("never answers", then_hangs(b""), {}, Outcome.TIMEOUT, "connected, no status line"),
    ("hangs in headers", then_hangs(OK + b"A: b\r\n"), {}, Outcome.TIMEOUT, "no end of headers"),
    ("hangs in body", then_hangs(OK + b"Content-Length: 9\r\n\r\nx"), {}, Outcome.TIMEOUT, "no end of body"),
    ("trickles status", trickles(b"HTTP/1.1 200 ", b"x"), {}, Outcome.TIMEOUT, "no status line"),
    ("trickles headers", trickles(OK, b"A: b\r\n"), {}, Outcome.TIMEOUT, "no end of headers"),
    ("trickles body", trickles(OK + b"\r\n", b"x"), {}, Outcome.TIMEOUT, "no end of body"),
    ("endless headers", floods(OK, b"A: b\r\n" * 1000), {}, Outcome.FAIL, "headers are longer"),
    (
        "10 GB body",
        floods(OK + b"Content-Length: 10000000000\r\n\r\n", b"x" * 65536),
        {},
        Outcome.PASS,
        "200",
    ),
    (
        "endless chunks",
        floods(OK + b"Transfer-Encoding: chunked\r\n\r\n", (b"40\r\n" + b"x" * 64 + b"\r\n") * 99),
        {},
        Outcome.PASS,
        "",
    ),
    ("endless 1xx", floods(b"", b"HTTP/1.1 100 C\r\n\r\n" * 100), {}, Outcome.FAIL, "headers are longer"),
]


@pytest.mark.parametrize(
    ("handler", "more", "outcome", "detail"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_http(handler: Handler, more: dict[str, Any], outcome: Outcome, detail: str) -> None:
    async def scenario() -> CheckResult:
        async with server(handler) as port:
            return await first_result(http(port, **more))

    started = time.monotonic()
    result = asyncio.run(scenario())
    assert result.outcome is outcome, result
    assert detail in result.detail
    assert time.monotonic() - started < DEADLINE + 0.2
    assert not result.decisive


def test_http_memory_is_bounded_against_an_endless_body() -> None:
    async def scenario() -> int:
        async with server(floods(OK + b"\r\n", b"x" * 65536)) as port:
            await first_result(http(port))
            tracemalloc.start()
            try:
                for _ in range(5):
                    await first_result(http(port))
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert asyncio.run(scenario()) < 2 * 1024 * 1024


def test_the_request_is_what_a_virtual_host_needs() -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request(reader))
        writer.write(OK + b"Content-Length: 0\r\n\r\n")
        await writer.drain()

    async def scenario() -> int:
        async with server(handler) as port:
            await first_result(
                HttpCheck("it", url(port, host="localhost", target="/health?x=1"), timeout=DEADLINE)
            )
            return port

    port = asyncio.run(scenario())
    lines = seen[0].decode().split("\r\n")
    assert lines[0] == "GET /health?x=1 HTTP/1.1"
    assert {f"Host: localhost:{port}", "User-Agent: vip-sidecar", "Connection: close"} <= set(lines)


@pytest.mark.parametrize("kind", ["tcp", "http"])
def test_refused(kind: str) -> None:
    port = free_port()
    check = TcpCheck("it", Endpoint("127.0.0.1", port)) if kind == "tcp" else http(port)
    result = asyncio.run(first_result(check))
    assert (result.outcome, result.detail) == (Outcome.FAIL, "connection refused")


def test_tcp_passes_on_a_listener_that_never_accepts_and_http_does_not() -> None:
    async def scenario(port: int) -> tuple[CheckResult, CheckResult]:
        tcp = await first_result(TcpCheck("it", Endpoint("127.0.0.1", port), timeout=DEADLINE))
        return tcp, await first_result(http(port))

    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        tcp, answer = asyncio.run(scenario(listener.getsockname()[1]))
    assert tcp.outcome is Outcome.PASS
    assert answer.outcome is Outcome.TIMEOUT
    assert answer.detail == "no answer within 300 ms: connected, no status line"


def test_tcp_times_out_when_the_backlog_is_full() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            result = asyncio.run(first_result(TcpCheck("it", Endpoint("127.0.0.1", port), timeout=DEADLINE)))
        finally:
            for filler in fillers:
                filler.close()
    assert (result.outcome, result.detail) == (Outcome.TIMEOUT, "no answer within 300 ms: not connected")


def test_real_nginx_over_tcp_and_unix_socket(tmp_path: Path) -> None:
    async def scenario(port: int) -> list[CheckResult]:
        expect = Expect(body="Welcome")
        unix = HttpUrl(tls=False, host="", port=0, target="/", unix_socket=f"{tmp_path}/nginx.sock")
        gone = HttpUrl(tls=False, host="", port=0, target="/", unix_socket=f"{tmp_path}/absent.sock")
        return [
            await first_result(HttpCheck("it", url(port), expect=expect)),
            await first_result(HttpCheck("it", unix, expect=expect)),
            await first_result(HttpCheck("it", gone)),
        ]

    with nginx(tmp_path) as web:
        plain, unix, gone = asyncio.run(scenario(web.port))
    assert plain.outcome is unix.outcome is Outcome.PASS
    assert (gone.outcome, gone.detail) == (Outcome.FAIL, "no such socket")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost"
        f" -keyout {folder}/key.pem -out {folder}/cert.pem".split(),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.mark.parametrize(
    ("verify", "outcome", "detail"),
    [(False, Outcome.PASS, "200"), (True, Outcome.FAIL, "bad certificate: self-signed certificate")],
)
def test_tls(certificate: Path, verify: bool, outcome: Outcome, detail: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    async def scenario() -> CheckResult:
        async with server(says(OK + b"Content-Length: 2\r\n\r\nok"), ssl=context) as port:
            return await first_result(HttpCheck("it", url(port, tls=True, host="localhost"), verify=verify))

    result = asyncio.run(scenario())
    assert (result.outcome, result.detail[: len(detail)]) == (outcome, detail)


def test_a_name_that_does_not_exist_fails() -> None:
    result = asyncio.run(first_result(TcpCheck("it", Endpoint("no-such-name.invalid", 80), timeout=5.0)))
    assert result.outcome in (Outcome.FAIL, Outcome.TIMEOUT)
    too_long = asyncio.run(first_result(TcpCheck("it", Endpoint("x" * 70, 80), timeout=5.0)))
    assert (too_long.outcome, too_long.detail[:11]) == (Outcome.FAIL, "name lookup")


def test_hanging_lookups_time_out_and_use_at_most_four_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The C resolver is replaced by one that hangs: no real one can be made to hang without a network."""
    hung = threading.Event()
    calls: list[str] = []

    def hang(host: str, *_: object, **__: object) -> list[object]:
        calls.append(host)
        hung.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    async def scenario() -> tuple[list[bool], list[str]]:
        resolver = resolve.Resolver()

        async def ask(host: str) -> bool:
            try:
                async with asyncio.timeout(0.2):
                    await resolver.addresses(host)
            except TimeoutError:
                return True
            return False

        names = [f"name{number}.example" for number in range(6)] * 3
        timed_out = await asyncio.gather(*(ask(name) for name in names))
        assert await resolver.addresses("127.0.0.1") == ("127.0.0.1",)
        return list(timed_out), list(calls)

    try:
        timed_out, asked = asyncio.run(scenario())
    finally:
        hung.set()
    assert all(timed_out)
    assert len(asked) == len(set(asked)) == 4


def test_the_end_of_a_connection_is_told_by_the_next_probe_without_a_lookup(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name server that hangs stands between nothing; a run that no cut has prompted looks the name up."""
    hung, calls, real = threading.Event(), list[str](), socket.getaddrinfo

    def hang(host: str, *_: object, **__: object) -> list[Any]:
        calls.append(host)
        hung.wait(20)
        return []

    unprompted, cut = ProbeProgress(), ProbeProgress(prompted=True)

    async def scenario(port: int) -> tuple[list[tuple[Outcome, str]], int]:
        resolver = resolve.Resolver()
        probe = TcpProbe(Dial("localhost", port, resolver))
        serving = await asyncio.start_server(lambda _, writer: writer.close(), "localhost", port)
        passed = await probe(unprompted)
        serving.close()
        await serving.wait_closed()
        monkeypatch.setattr(socket, "getaddrinfo", hang)
        prompted = await probe(cut)
        before = len(calls)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await probe(ProbeProgress())
        return [(each.outcome, each.detail) for each in (passed, prompted)], before

    try:
        findings, lookups = asyncio.run(scenario(free_port()))
    finally:
        hung.set()
        monkeypatch.setattr(socket, "getaddrinfo", real)
    assert findings[0][0] is Outcome.PASS
    assert findings[1] == (Outcome.FAIL, "connection refused")
    assert (lookups, len(calls)) == (0, 1)
    assert ("lookup" in unprompted.took, "lookup" in cut.took) == (True, False)
