"""The runner's promises: fail closed, stop in time, leave nothing behind.

Modules: checks.schedule.
"""

import asyncio
import contextlib
import gc
import os
import socket
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from sidecar.checks import runner as runner_module
from sidecar.checks.kind_lookup import builder
from sidecar.checks.probe import Builder, Finding, ProbeProgress, Report, Tools, Watch
from sidecar.checks.runner import CheckRunner
from sidecar.checks.schedule import Pace, Polled
from sidecar.core.health.result import Outcome
from sidecar.plan.check import Check, ContainerCheck, HttpCheck, LinkCheck, ProcessCheck, TcpCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.endpoints import Endpoint
from sidecar.stall import StallWatch
from tests.lateness import Lateness
from tests.unit.checks.stage import Collector, free_port, results, running, url

pytestmark = pytest.mark.parts


class _Crashing:
    async def run(self, report: Report) -> None:  # noqa: ARG002
        raise ZeroDivisionError("planted")


class _Ending:
    async def run(self, report: Report) -> None:  # noqa: ARG002
        return


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_result_that_a_cut_connection_prompted_says_so_and_no_other_one_does(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the target failed at that moment, and not at any time since the result before.

    No lookup stands between: the name server has died with the target.
    """
    kept: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.put_nowait(writer)
        await reader.read()

    async def work() -> list[tuple[Outcome, bool]]:
        server = await asyncio.start_server(keep, "127.0.0.1", 0)
        where = Endpoint(host, server.sockets[0].getsockname()[1])
        told = results(TcpCheck("port", where, every=5.0, timeout=5.0, fall=1))
        first = await anext(told)
        asked, idle = await kept.get(), await kept.get()
        server.close()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2.0))
        for writer in (asked, idle):
            writer.transport.abort()
        second = await anext(told)
        await told.aclose()  # type: ignore[attr-defined]
        return [(each.outcome, each.prompted) for each in (first, second)]

    assert asyncio.run(work()) == [(Outcome.PASS, False), (Outcome.FAIL, True)]


def _planted(watch: Watch) -> Callable[[str], Builder]:
    def build(_: Check, __: Tools) -> Watch:
        return watch

    return lambda kind: build if kind == "link" else builder(kind)


@pytest.mark.parametrize(
    ("watch", "text"), [(_Crashing(), "ZeroDivisionError: planted"), (_Ending(), "ended by itself")]
)
def test_a_crashed_check_fails_closed_is_counted_and_restarts_while_others_go_on(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, text: str
) -> None:
    monkeypatch.setattr(runner_module, "builder", _planted(watch))
    monkeypatch.setattr(runner_module, "_RESTART_PAUSE", 0.1)
    checks = [
        LinkCheck("bad", "lo"),
        TcpCheck("good", Endpoint("127.0.0.1", free_port()), every=0.1, timeout=0.1, fall=1),
    ]
    with running(checks) as seen:
        errors = seen.after(0, Outcome.ERROR, count=3)
        seen.after(0, Outcome.FAIL, count=3)
    assert all(e.check == "bad" and text in e.result.detail and e.result.decisive for e in errors)
    assert {trouble[:2] for trouble in seen.troubles} == {("checks", "crash")}


def test_a_container_check_without_an_engine_section_is_a_failed_check() -> None:
    with running([ContainerCheck("c", ContainerSelection("x"))]) as seen:
        (error, *_) = seen.after(0, Outcome.ERROR)
    assert "docker section" in error.result.detail


@pytest.mark.timing
def test_stop_is_quick_idempotent_and_allowed_without_start(lateness: Lateness) -> None:
    idle = CheckRunner((), None, Collector())
    idle.stop(1.0)
    collector = Collector()
    checks = [
        HttpCheck("http", url(free_port())),
        LinkCheck("link", "lo"),
        ProcessCheck("process", "no-such-process"),
    ]
    runner = CheckRunner(checks, None, collector)
    runner.start()
    collector.wait(lambda: {s.check for s in collector.results} == {check.name for check in checks})
    started = time.monotonic()
    runner.stop(5.0)
    assert time.monotonic() - started < 0.3 + lateness()
    runner.stop(5.0)
    assert not [t for t in threading.enumerate() if t.name in ("checks", "docker")]


def test_stop_directly_after_start_ends_the_thread() -> None:
    for _ in range(20):
        runner = CheckRunner([LinkCheck("link", "lo")], None, Collector())
        runner.start()
        runner.stop(5.0)
        assert not [t for t in threading.enumerate() if t.name == "checks"]


def test_no_descriptor_is_left_behind() -> None:
    def once() -> None:
        checks = [
            HttpCheck("http", url(free_port()), every=0.05, timeout=0.05),
            LinkCheck("link", "lo"),
            ProcessCheck("process", "python3"),
        ]
        with running(checks) as seen:
            seen.wait(lambda: len(seen.results) > 8)
        gc.collect()

    once()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        once()
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208


@pytest.mark.timing
def test_jitter_delays_single_runs_and_not_their_number() -> None:
    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        starts: list[float] = []

        async def probe(phase: ProbeProgress) -> Finding:
            phase.reached = "started"
            starts.append(loop.time())
            return Finding(Outcome.PASS, "there")

        watch = Polled(probe, Pace(every=0.05, deadline=0.05, fall=2, jitter=0.02), StallWatch())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await watch.run(lambda _: None)
        return starts

    starts = asyncio.run(scenario())
    assert 18 <= len(starts) <= 22
    gaps = [b - a for a, b in pairwise(starts[1:])]
    assert max(gaps) - min(gaps) > 0.005
