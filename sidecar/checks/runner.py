"""Runs all checks of a configuration in a thread of their own with a loop of their own.

Nothing here decides. A check that cannot run reports ERROR, which counts as a failure, and is tried
again.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import Final, Protocol

from sidecar.checks.container_restarts import ContainerRestarts
from sidecar.checks.docker_feed import DockerFeed
from sidecar.checks.kinds import builder
from sidecar.checks.probe import Report, Tools
from sidecar.checks.resolve import Resolver
from sidecar.core.events import CheckResult, Outcome
from sidecar.loop_thread import LoopThread, cause, keep_beating
from sidecar.plan.check import Check, ContainerCheck
from sidecar.plan.services import Docker
from sidecar.programs.fork_server import ForkServer
from sidecar.stall import StallWatch

_RESTART_PAUSE: Final = 1.0


class Listener(Protocol):
    """Who is told. Called from the checks thread or the docker thread; must be thread-safe and quick."""

    def result(self, check: str, result: CheckResult) -> None:
        """Take one result."""

    def docker(self, connected: bool, detail: str) -> None:
        """Take note that the Docker engine can be asked, or cannot any more."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Count a try to restart a container (ok, denied or failed) and log it unless it is `quiet`."""


class CheckRunner:
    """All checks at work between `start` and `stop`."""

    def __init__(self, checks: Iterable[Check], docker: Docker | None, listener: Listener) -> None:
        self._checks = tuple(checks)
        # Not in the thread: loading a library holds the interpreter, and the loop must not wait for it.
        self._builders = {check.kind: builder(check.kind) for check in self._checks}
        self._listener = listener
        self._stalls = StallWatch()
        wanted = {check.container for check in self._checks if isinstance(check, ContainerCheck)}
        self._feed = None
        if docker is not None and wanted:
            self._feed = DockerFeed(docker.url, wanted, listener, self._stalls)
        self._restarts = self._restarter(docker)
        self._thread = LoopThread("checks", self._all, self._ended)

    def start(self) -> None:
        """Start the thread "checks", and "docker" and "restarts" if containers are to be."""
        self._thread.start()
        if self._feed is not None:
            self._feed.start()
        if self._restarts is not None:
            self._restarts.start()

    def stop(self, timeout: float) -> None:
        """End all checks, in at most `timeout` seconds. May be called again, or without `start`."""
        deadline = monotonic() + timeout
        self._thread.stop(timeout)
        if self._feed is not None:
            self._feed.stop(max(0.0, deadline - monotonic()))
        if self._restarts is not None:
            self._restarts.stop(max(0.0, deadline - monotonic()))

    def verdict(self, check: str, *, up: bool) -> None:
        """The verdict on a check changed: a container may have to be restarted. Returns at once."""
        if self._restarts is not None:
            self._restarts.verdict(check, up=up)

    def _restarter(self, docker: Docker | None) -> ContainerRestarts | None:
        wanted = {
            check.name: check.container
            for check in self._checks
            if isinstance(check, ContainerCheck) and check.restart
        }
        if docker is None or self._feed is None or not wanted:
            return None
        return ContainerRestarts(docker.url, wanted, self._feed, self._listener)

    def _ended(self, why: str) -> None:
        """The thread has ended, and all checks with it."""
        self._listener.trouble("checks", "thread_ended", why)
        for check in self._checks:
            self._listener.result(check.name, _crashed(why))

    def _replaced(self, why: str) -> None:
        """The process that starts programs has died or hung, and all programs with it."""
        self._listener.trouble("checks", "fork_server", why)

    async def _all(self) -> None:
        programs = ForkServer(self._replaced)
        tools = Tools(Resolver(), self._feed, programs, self._stalls)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(keep_beating(self._stalls), name="stall watch")
                for check in self._checks:
                    group.create_task(self._keep_running(check, tools), name=f"check {check.name}")
        finally:
            programs.close()

    async def _keep_running(self, check: Check, tools: Tools) -> None:
        report: Report = partial(self._listener.result, check.name)
        while True:
            try:
                await self._builders[check.kind](check, tools).run(report)
                detail = "the check ended by itself"
            except Exception as error:  # noqa: BLE001 - fail closed, whatever the bug
                detail = cause(error)
            self._listener.trouble("checks", "crash", f"check {check.name}: {detail}")
            report(_crashed(detail))
            await asyncio.sleep(_RESTART_PAUSE)


def _crashed(detail: str) -> CheckResult:
    return CheckResult(Outcome.ERROR, f"the check could not run: {detail}", decisive=True)
