"""Faults of a real nginx, and of what only looks like one."""

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any

from sidecar.core.health.result import CheckResult
from sidecar.plan.check import Check, NginxCheck
from tests.unit.checks.fault_table import DEADLINE, FAIL, PASS, TIMEOUT, Scenario, refused, when
from tests.unit.checks.hostile import (
    BIG,
    OK,
    floods,
    resets,
    trickles,
)
from tests.unit.checks.stage import (
    Handler,
    children,
    first_result,
    nginx,
    results,
    server,
    url,
    wait_until,
)


def status_check(port: int, **more: Any) -> Check:
    return NginxCheck("it", url(port, target="/stub_status"), timeout=DEADLINE, **more)


def sick_nginx(listen: str, stopped: int, **more: Any) -> Scenario:
    """The second result of a check of a real nginx with two workers, some of which stop after the first."""

    def scenario(folder: Path) -> CheckResult:
        with nginx(folder, workers=2, listen=listen) as web:
            wait_until(lambda: len(children(web.pid)) == 2)
            workers = children(web.pid)

            def descriptors(worker: int) -> int:
                return len(os.listdir(f"/proc/{worker}/fd"))  # noqa: PTH208

            async def work() -> CheckResult:
                stream = results(status_check(web.port, every=0.2, **more))
                first = await anext(stream)
                assert first.outcome is PASS, first
                for worker in sorted(workers, key=descriptors, reverse=True)[:stopped]:
                    os.kill(worker, signal.SIGSTOP)
                await anext(stream)
                second = await anext(stream)
                await stream.aclose()  # type: ignore[attr-defined]
                return second

            return asyncio.run(work())

    return scenario


when("nginx", "refused", FAIL, "connection refused")(refused(status_check))
when("nginx", "hung: all workers stopped", TIMEOUT, "no answer")(sick_nginx("", 2))
when(
    "nginx",
    "the worker of our connections stopped, one socket for both",
    TIMEOUT,
    "of 8 connections answered",
)(sick_nginx("", 1, workers=2))
when("nginx", "one of two workers stopped, a socket each (reuseport)", TIMEOUT, "of 8 connections answered")(
    sick_nginx("reuseport", 1, workers=2)
)


@when("nginx", "more connections than max_active", FAIL, "active connections, at most 1")
def full(folder: Path) -> CheckResult:
    with nginx(folder) as web, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
        return asyncio.run(first_result(status_check(web.port, max_active=1)))


@when("nginx", "no stub_status there", FAIL, "answers, but not as stub_status does")
def no_stub_status(folder: Path) -> CheckResult:
    with nginx(folder) as web:
        return asyncio.run(
            first_result(NginxCheck("it", url(web.port, target="/index.html"), timeout=DEADLINE))
        )


def as_nginx(handler: Handler) -> Scenario:
    def scenario(_: Path) -> CheckResult:
        async def work() -> CheckResult:
            async with server(handler) as port:
                return await first_result(status_check(port))

        return asyncio.run(work())

    return scenario


when("nginx", "slow: trickles the body", TIMEOUT, "no end of body")(as_nginx(trickles(OK + b"\r\n", b"x")))
when("nginx", "10 GB body", FAIL, "not as stub_status does")(as_nginx(floods(OK + BIG, b"x" * 65536)))
when("nginx", "RST", FAIL, "connection reset")(as_nginx(resets))
