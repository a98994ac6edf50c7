"""Requests of an http check, its authorities, its measurements, and the search for a pattern.

Modules: programs.pattern_search.
"""

import asyncio
import re
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.http import certificate
from sidecar.checks.kinds.http import request as request_bytes
from sidecar.checks.pattern import Pattern
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import HttpCheck
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.request import Expect, Header
from sidecar.programs.fork_server import ForkServer
from tests.lateness import Lateness
from tests.unit.checks.hostile import OK, certify, request, says
from tests.unit.checks.stage import Handler, first_result, results, server, url

BODY = OK + b"Content-Length: 7\r\n\r\nWelcome"
HEADERS = (Header("user-agent", "me"), Header("X-Probe", "1"))


def lines(**more: Any) -> list[str]:
    where = HttpUrl(tls=False, host="10.0.0.1", port=8088, target="/health")
    return request_bytes(where, **more).decode().split("\r\n")


def test_method_host_and_headers_are_as_configured_and_ours_give_way() -> None:
    seen = lines(method="HEAD", host="www.example.org:81", headers=HEADERS)
    assert seen[:2] == ["HEAD /health HTTP/1.1", "Host: www.example.org:81"]
    assert {"user-agent: me", "X-Probe: 1", "Accept: */*", "Connection: close"} <= set(seen)
    assert "User-Agent: vip-sidecar" not in seen
    assert lines()[1] == "Host: 10.0.0.1:8088"
    zoned = HttpUrl(tls=False, host="fe80::1%eth0", port=8088, target="/")
    assert b"\r\nHost: [fe80::1]:8088\r\n" in request_bytes(zoned)
    assert "Content-Length: 0" in lines(method="POST")


def answer(
    handler: Handler, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1", **more: Any
) -> CheckResult:
    async def scenario() -> CheckResult:
        async with server(handler, ssl=tls) as port:
            where = url(port, tls=tls is not None, host=name)
            return await first_result(HttpCheck("it", where, timeout=1.0, every=2.0, **more))

    return asyncio.run(scenario())


def test_the_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    result = answer(says(OK + b"Content-Length: 1000\r\n\r\n"), method="HEAD")
    assert result.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ({}, Outcome.FAIL),
        ({"sni": "www.example.org"}, Outcome.PASS),
        ({"host": "www.example.org"}, Outcome.PASS),
        ({"host": "www.example.org:444"}, Outcome.PASS),
        ({"host": "www.example.org", "sni": "other.example.org"}, Outcome.FAIL),
    ],
)
def test_tls_asks_for_and_verifies_sni_or_host_instead_of_the_address(
    keys: dict[str, str], outcome: Outcome, tmp_path: Path
) -> None:
    file, context = certify(tmp_path, "www.example.org")
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    result = answer(says(BODY), context, ca=file, **keys)
    assert result.outcome is outcome, result
    assert asked[0] == (keys.get("sni") or keys.get("host", "").partition(":")[0] or None)


def test_only_the_named_authorities_are_trusted(tmp_path: Path) -> None:
    file, context = certify(tmp_path, "localhost")
    other, _ = certify(tmp_path, "other")
    assert answer(says(BODY), context, "localhost", ca=file).outcome is Outcome.PASS
    assert answer(says(BODY), context, "localhost", ca=other).outcome is Outcome.FAIL


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    ("days", "warning"),
    [(90, ""), (6, "the certificate expires in 5 days"), (-1, "the certificate expired 24 h ago")],
)
def test_the_end_of_the_certificate_is_measured_and_warned_of_in_time(
    verify: bool, days: int, warning: str, tmp_path: Path
) -> None:
    file, context = certify(tmp_path, "localhost", days)
    keys = {"ca": file} if verify else {"verify": False}
    result = answer(says(BODY), context, "localhost", expiry_warning=14 * 86400.0, **keys)
    if verify and days < 0:
        assert (result.outcome, result.measured.certificate_expires) == (Outcome.FAIL, None)
        return
    assert result.outcome is Outcome.PASS
    assert result.measured.warning == warning
    assert result.measured.certificate_expires == pytest.approx(time.time() + days * 86400, abs=5)
    assert result.detail.endswith(f"; {warning}") is bool(warning)


def test_every_phase_is_measured_and_shown_when_it_took_time(tmp_path: Path) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        await asyncio.sleep(0.1)
        writer.write(OK + b"Content-Length: 7\r\n\r\nWel")
        await writer.drain()
        await asyncio.sleep(0.3)
        writer.write(b"come")
        await writer.drain()

    file, context = certify(tmp_path, "localhost")
    result = answer(slow, context, "localhost", ca=file)
    phases = dict(result.measured.phases)
    assert list(phases) == ["lookup", "connect", "tls", "first_byte", "body"]
    assert phases["first_byte"] >= 0.1
    # After a late read of the first byte the wait for the rest is shorter.
    assert phases["body"] >= 0.1
    assert phases["first_byte"] + phases["body"] >= 0.4
    assert sum(phases.values()) <= result.seconds
    assert re.search(r"first byte [0-9]+ ms, body [0-9]+ ms\)$", result.detail)


def test_phases_before_a_failure_are_measured_too() -> None:
    result = answer(says(b"HTTP/1.1 503 S\r\n\r\n"))
    assert [name for name, _ in result.measured.phases] == ["connect", "first_byte"]


def test_the_end_of_a_certificate_is_read_as_the_standard_library_reads_it(tmp_path: Path) -> None:
    file, _ = certify(tmp_path, "www.example.org", 20000)  # after 2050: GeneralizedTime
    der = ssl.PEM_cert_to_DER_cert(file.read_text())
    decoded = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
    assert certificate.not_after(der) == ssl.cert_time_to_seconds(decoded["notAfter"])
    assert all(certificate.not_after(der[:length]) is None for length in range(len(der)))


@given(st.binary(max_size=200))
def test_no_certificate_raises(der: bytes) -> None:
    assert certificate.not_after(der) is None


def test_hours_are_said_when_there_is_no_day_left() -> None:
    assert certificate.warning(7200.0, 0.0, 86400.0) == "the certificate expires in 2 h"
    assert certificate.warning(0.0, 7200.0, 86400.0) == "the certificate expired 2 h ago"


@pytest.mark.parametrize(
    ("regex", "outcome"),
    [
        ("^Wel", Outcome.PASS),
        ("(?i)WELCOME$", Outcome.PASS),
        ("^come", Outcome.FAIL),
        ("\\d", Outcome.FAIL),
        ("[[W]el", Outcome.PASS),
    ],
)
def test_a_pattern_is_searched_in_the_body(regex: str, outcome: Outcome) -> None:
    assert answer(says(BODY), expect=Expect(regex=regex)).outcome is outcome


@pytest.mark.timing
def test_a_pattern_that_never_ends_costs_the_loop_nothing_and_the_next_search_works(
    lateness: Lateness,
) -> None:
    async def scenario() -> tuple[float, list[bool]]:
        programs = ForkServer()
        pattern = Pattern("^(a+)+$", programs)
        loop = asyncio.get_running_loop()
        found = [await pattern.found_in(b"aaa")]
        latest = 0.0

        async def watch() -> None:
            nonlocal latest
            while True:
                due = loop.time() + 0.005
                await asyncio.sleep(0.005)
                latest = max(latest, loop.time() - due)

        watching = asyncio.create_task(watch())
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await pattern.found_in(b"a" * 60 + b"!")
        found.append(await pattern.found_in(b"aaaa"))
        found.append(await pattern.found_in(b"b"))
        watching.cancel()
        pattern.close()
        programs.close()
        return latest, found

    latest, found = asyncio.run(scenario())
    assert found == [True, True, False]
    # Starting a process is the most expensive part.
    assert latest < 0.05 + lateness()


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def test_one_process_serves_many_searches_of_large_bodies() -> None:
    async def scenario() -> bool:
        programs = ForkServer()
        pattern = Pattern("needle$", programs)
        try:
            bodies = [b"x" * 65530 + b"needle", b"\xff" * 65536, b""]
            found = [[await pattern.found_in(body) for body in bodies] for _ in range(20)]
            child = pattern._searcher.child if pattern._searcher else None
            assert child is not None
            assert not child.gone
            assert "CapEff:\t0000000000000000\n" in _status(child.pid)
            return found == [[True, False, False]] * 20
        finally:
            pattern.close()
            programs.close()

    assert asyncio.run(scenario())


def test_the_process_of_a_pattern_ends_with_the_check() -> None:
    async def scenario() -> None:
        async with server(says(BODY)) as port:
            stream = results(
                HttpCheck("it", url(port), expect=Expect(regex="Welcome"), every=1.0, timeout=1.0)
            )
            assert (await anext(stream)).outcome is Outcome.PASS
            assert (await anext(stream)).outcome is Outcome.PASS
            await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(scenario())  # a socket that is left is a ResourceWarning, and that is an error here
