"""The nginx check against real nginx: numbers, a worker that hangs, and what is no failure.

Modules: checks.nginx.stub_status.
"""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from sidecar.checks.kinds import nginx as nginx_check
from sidecar.checks.nginx.stub_status import StubStatus, parse
from sidecar.core.health.result import Outcome
from sidecar.plan.check import NginxCheck
from tests.lateness import Lateness
from tests.unit.checks.hostile import OK, request
from tests.unit.checks.stage import (
    Collector,
    Nginx,
    children,
    connections,
    first_result,
    nginx,
    results,
    running,
    server,
    url,
    wait_until,
)

pytestmark = pytest.mark.parts

TEXT = (
    b"Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \n"
    b"Reading: 6 Writing: 179 Waiting: 106 \n"
)


def test_the_numbers_are_read_and_shown() -> None:
    numbers = parse(TEXT)
    assert numbers == StubStatus(291, 16630948, 16630946, 31070465, 6, 179, 106)
    assert str(numbers) == (
        "291 active (6 reading, 179 writing, 106 waiting), "
        "31070465 requests over 16630946 connections, 2 dropped"
    )


@pytest.mark.parametrize(
    "text", [b"", b"<html>", TEXT[:-30], TEXT + b"x", b" " + TEXT, TEXT.replace(b"6", b"-")]
)
def test_anything_else_is_no_stub_status(text: bytes) -> None:
    assert parse(text) is None


def test_real_nginx_over_tcp(tmp_path: Path) -> None:
    with nginx(tmp_path) as web:
        result = asyncio.run(first_result(NginxCheck("it", url(web.port, target="/stub_status"), workers=2)))
    assert result.outcome is Outcome.PASS
    assert " active (0 reading, " in result.detail


@pytest.mark.timing
@pytest.mark.parametrize("attempt", range(5))
def test_one_hung_worker_of_two_with_a_socket_each_is_a_verdict_until_it_wakes(
    tmp_path: Path, attempt: int, lateness: Lateness
) -> None:
    with nginx(tmp_path, workers=2, listen="reuseport") as web:
        wait_until(lambda: len(children(web.pid)) == 2)
        check = NginxCheck("it", url(web.port, target="/stub_status"), workers=2, every=0.1, timeout=0.1)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS, count=2)
            # The kernel deals connections out by chance; in 0.4 % of cases a given worker has none.
            both = children(web.pid)[:: 1 if attempt % 2 else -1]
            all_are_watched(web, both)
            worker = next(pid for pid in both if connections(pid, web.port))
            mark, stopped = len(seen.results), time.monotonic()
            os.kill(worker, signal.SIGSTOP)
            hung = seen.after(mark, Outcome.TIMEOUT, count=5)
            assert hung[1].at - stopped < 2 * 0.1 + 0.1 + 0.25 + lateness()
            assert Outcome.PASS not in {s.result.outcome for s in seen.results[mark + 2 :]}
            assert "of 8 connections answered" in hung[-1].result.detail
            mark = len(seen.results)
            os.kill(worker, signal.SIGCONT)
            seen.after(mark, Outcome.PASS, count=3)


def all_are_watched(web: Nginx, workers: list[int]) -> bool:
    """Whether each worker keeps connections of ours, once the check has spread them: numbers stay."""
    kept: list[int] = []
    while kept != (kept := [connections(pid, web.port) for pid in workers]):
        time.sleep(1)
    return all(kept)


def watched(web: Nginx, seen: Collector, serving: list[int]) -> list[int]:
    """Wait until each of these workers is watched. Return them, or those of a reload in their place.

    Which worker takes a connection is the scheduler's choice: on a starved machine one may get none of those
    kept. With new workers all are lost, and the check spreads anew.
    """
    for _ in range(5):
        if all_are_watched(web, serving):
            break
        serving = renewed(web, len(serving))
        seen.after(len(seen.results), Outcome.PASS, count=2)
    else:
        assert all_are_watched(web, serving)
    return serving


def renewed(web: Nginx, workers: int) -> list[int]:
    """Reload, and return the new workers. An old one lives on while an idle connection stays with it."""
    old = set(children(web.pid))
    web.signal(signal.SIGHUP)
    wait_until(lambda: len(set(children(web.pid)) - old) == workers)
    return sorted(set(children(web.pid)) - old)


@pytest.mark.timing
@pytest.mark.parametrize(("workers", "victim"), [(n, victim) for n in (2, 4) for victim in range(n)])
def test_any_hung_worker_of_an_idle_nginx_with_one_socket_for_all_is_a_verdict(
    tmp_path: Path, workers: int, victim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_check, "_SPREAD_PAUSE", 0.5)
    with nginx(tmp_path, workers=workers) as web:
        wait_until(lambda: len(children(web.pid)) == workers)
        target = url(web.port, target="/stub_status")
        check = NginxCheck("it", target, workers=workers, every=0.2, timeout=0.2)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS, count=2)
            serving = watched(web, seen, children(web.pid))
            seen.after(len(seen.results), Outcome.PASS, count=2)
            mark, worker = len(seen.results), serving[victim]
            os.kill(worker, signal.SIGSTOP)
            seen.after(mark, Outcome.TIMEOUT, count=3)
            os.kill(worker, signal.SIGCONT)
            seen.after(len(seen.results), Outcome.PASS, count=2)


@pytest.mark.timing
def test_a_spread_that_a_busy_machine_cuts_short_goes_on_until_every_worker_has_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run has time for a few connections only. Of 64 in a row each of four workers gets some."""
    monkeypatch.setattr(nginx_check, "_SPREAD_SHARE", 0.05)
    with nginx(tmp_path, workers=4) as web:
        wait_until(lambda: len(children(web.pid)) == 4)
        check = NginxCheck("it", url(web.port, target="/stub_status"), workers=4, every=0.1, timeout=0.1)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS, count=2)
            wait_until(lambda: all(connections(pid, web.port) for pid in children(web.pid)))


@pytest.mark.parametrize("victim", range(2))
def test_after_a_reload_all_new_workers_are_watched(
    tmp_path: Path, victim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_check, "_SPREAD_PAUSE", 0.5)
    with nginx(tmp_path, workers=2) as web:
        wait_until(lambda: len(children(web.pid)) == 2)
        check = NginxCheck("it", url(web.port, target="/stub_status"), workers=2, every=0.1, timeout=0.2)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS, count=2)
            new = watched(web, seen, renewed(web, 2))
            assert seen.outcomes() == {Outcome.PASS}
            os.kill(new[victim], signal.SIGSTOP)
            seen.after(len(seen.results), Outcome.TIMEOUT, count=3)


def test_a_reloading_nginx_never_fails(tmp_path: Path) -> None:
    with nginx(tmp_path) as web:
        check = NginxCheck("it", url(web.port, target="/stub_status"), workers=2, every=0.5, timeout=0.5)
        with running([check]) as seen:
            seen.after(0, Outcome.PASS, count=2)
            for _ in range(30):
                web.signal(signal.SIGHUP)
                time.sleep(0.1)
            assert seen.outcomes() == {Outcome.PASS}


def test_a_server_that_closes_kept_connections_is_no_failure() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK + b"Content-Length: %d\r\n\r\n" % len(TEXT) + TEXT)
        await writer.drain()

    async def scenario() -> set[Outcome]:
        async with server(once) as port:
            stream = results(
                NginxCheck("it", url(port, target="/stub_status"), workers=2, every=0.5, timeout=0.5)
            )
            found = {(await anext(stream)).outcome for _ in range(5)}
            await stream.aclose()  # type: ignore[attr-defined]
        return found

    assert asyncio.run(scenario()) == {Outcome.PASS}
