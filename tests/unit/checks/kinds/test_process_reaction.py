"""How fast a death is seen, and that a reload is none.

Modules: checks.idle_connection_watch.
"""

import asyncio
import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint
from tests.lateness import Lateness
from tests.unit.checks.stage import children, nginx, results, running, server, url, wait_until

pytestmark = pytest.mark.parts


@pytest.mark.timing
@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_a_killed_nginx_is_a_verdict_within_100_ms_though_it_is_asked_once_a_second(
    tmp_path: Path, kind: str, lateness: Lateness
) -> None:
    with nginx(tmp_path) as web:
        check = (
            HttpCheck("it", url(web.port))
            if kind == "http"
            else TcpCheck("it", Endpoint("127.0.0.1", web.port))
        )
        with running([check]) as seen:
            seen.after(0, Outcome.PASS)
            time.sleep(0.2)  # the idle connection watch connects in the background, and tells nobody when
            mark = len(seen.results)
            lateness()
            killed = time.monotonic()
            web.kill()
            failures = seen.after(mark, Outcome.FAIL, count=check.fall)
    assert failures[check.fall - 1].at - killed < 0.1 + lateness()


def test_a_reloading_nginx_never_fails(tmp_path: Path) -> None:
    with nginx(tmp_path) as web:
        checks = [HttpCheck("http", url(web.port)), TcpCheck("tcp", Endpoint("127.0.0.1", web.port))]
        with running(checks) as seen:
            seen.after(0, Outcome.PASS, count=2)
            for _ in range(20):
                web.signal(signal.SIGHUP)
                time.sleep(0.1)
            assert seen.outcomes() == {Outcome.PASS}
            assert seen.troubles == []


def test_connections_that_the_target_cuts_at_once_make_no_busy_loop() -> None:
    connections = 0

    async def cuts(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1

    async def scenario() -> list[CheckResult]:
        found: list[CheckResult] = []
        async with server(cuts) as port:
            stream = results(TcpCheck("it", Endpoint("127.0.0.1", port), every=1.0))
            try:
                async with asyncio.timeout(2):
                    while True:
                        found.append(await anext(stream))
            except TimeoutError:
                pass
            finally:
                await stream.aclose()  # type: ignore[attr-defined]
        return found

    found = asyncio.run(scenario())
    assert {result.outcome for result in found} == {Outcome.PASS}
    assert 3 <= connections <= 20


def test_a_target_that_talks_without_end_does_not_hold_up_the_loop() -> None:
    async def talks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async def scenario() -> tuple[int, float]:
        async with server(talks) as port:
            stream = results(TcpCheck("it", Endpoint("127.0.0.1", port), every=0.05, timeout=0.05))
            await anext(stream)
            started = time.thread_time()
            for _ in range(10):
                assert (await anext(stream)).outcome is Outcome.PASS
            await stream.aclose()  # type: ignore[attr-defined]
            return 10, time.thread_time() - started

    assert asyncio.run(scenario())[1] < 0.3


@pytest.mark.timing
def test_quick_repeats_end_and_the_normal_pace_returns(tmp_path: Path, lateness: Lateness) -> None:
    with (
        nginx(tmp_path) as web,
        running([HttpCheck("web", url(web.port), every=0.4, timeout=0.4, fall=3)]) as seen,
    ):
        seen.after(0, Outcome.PASS)
        time.sleep(0.2)
        mark = len(seen.results)
        web.kill()
        failures = seen.after(mark, Outcome.FAIL, count=7)
    gaps = [b.at - a.at for a, b in pairwise(failures)]
    assert max(gaps[:2]) < 0.1 + lateness()
    assert min(gaps[4:]) > 0.2  # the fourth lasts until the next regular run


@pytest.mark.timing
def test_a_hung_nginx_is_asked_at_the_normal_pace_and_recovers(tmp_path: Path, lateness: Lateness) -> None:
    with nginx(tmp_path, workers=1) as web:
        wait_until(lambda: bool(children(web.pid)))
        worker = children(web.pid)[0]
        check = HttpCheck("it", url(web.port), every=0.2, timeout=0.15)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS)
            mark = len(seen.results)
            stopped = time.monotonic()
            os.kill(worker, signal.SIGSTOP)
            timeouts = seen.after(mark, Outcome.TIMEOUT, count=2)
            assert timeouts[1].at - stopped < 2 * check.every + check.timeout + 0.1 + lateness()
            assert timeouts[1].at - timeouts[0].at > 0.15
            mark = len(seen.results)
            os.kill(worker, signal.SIGCONT)
            seen.after(mark, Outcome.PASS)
    assert seen.outcomes() <= {Outcome.PASS, Outcome.TIMEOUT}


@pytest.mark.timing
def test_every_polled_check_has_a_result_within_100_ms_of_the_start(
    tmp_path: Path, lateness: Lateness
) -> None:
    with nginx(tmp_path) as web:
        checks = [HttpCheck(f"c{n}", url(web.port), every=5.0, timeout=1.0) for n in range(5)]
        started = time.monotonic()
        with running(checks) as seen:
            seen.after(0, Outcome.PASS, count=5)
            assert max(s.at for s in seen.results) - started < 0.1 + lateness()
