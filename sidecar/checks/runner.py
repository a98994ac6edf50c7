"""Runs all checks of a configuration in a thread of their own with a loop of their own.

Nothing here decides. A check that cannot run reports ERROR, which counts as a failure, and is tried
again.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from sidecar.checks.kind_lookup import builder
from sidecar.checks.probe import Builder, Report, Tools
from sidecar.checks.resolve import Resolver
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.loop_thread import LoopThread, cause, keep_beating
from sidecar.plan.check import Check, ContainerCheck
from sidecar.plan.services import Docker
from sidecar.programs.fork_server import ForkServer
from sidecar.stall import StallWatch

if TYPE_CHECKING:
    from sidecar.checks.docker.container_threads import ContainerThreads

_RESTART_PAUSE: Final = 1.0


class CheckListener(Protocol):
    """Receiver of results. Called from the checks or the docker thread; must be thread-safe and quick."""

    def result(self, check: str, result: CheckResult) -> None:
        """Take one result."""

    def docker(self, connected: bool, detail: str) -> None:
        """Take note that the Docker engine can be asked, or cannot any more."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Count a try to restart a container (ok, denied or failed) and log it unless it is `quiet`."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A check at work, and what it was started with."""

    check: Check
    docker: Docker | None
    task: asyncio.Task[None]


class CheckRunner:
    """All checks at work between `start` and `stop`; which ones, `exchange` changes at any time."""

    def __init__(self, checks: Iterable[Check], docker: Docker | None, listener: CheckListener) -> None:
        self._listener = listener
        self._stalls = StallWatch()
        self._containers: ContainerThreads | None = None
        self._builders: dict[str, Builder] = {}
        self._wanted: dict[str, Check] = {}
        self._docker = docker
        self._running: dict[str, _Running] = {}
        self._reporting = Lock()
        """Held while a result is told, so that none is told of a check that was exchanged."""
        self._group: asyncio.TaskGroup | None = None
        self._thread = LoopThread("checks", self._all, self._ended)
        self._started = self._begun = False
        self.exchange(checks, docker)

    def exchange(self, checks: Iterable[Check], docker: Docker | None) -> None:
        """Run these checks from now on. May be called from one other thread at any time, also before `start`.

        Equal checks run on. One that is not wanted any more, or wanted otherwise, ends, and no result of it
        is told after this call has returned. New or changed ones begin at once.
        """
        checks = tuple(checks)
        for check in checks:
            # Not in the thread: loading a library holds the interpreter, and the checks must not wait for it.
            if check.kind not in self._builders:
                self._builders[check.kind] = builder(check.kind)
            if self._containers is None and isinstance(check, ContainerCheck):
                from sidecar.checks.docker.container_threads import ContainerThreads  # noqa: PLC0415

                self._containers = ContainerThreads(self._listener, self._stalls)
        with self._reporting:
            before = self._wanted
            self._wanted = {
                check.name: before[check.name] if before.get(check.name) == check else check
                for check in checks
            }
            self._docker = docker
        self._begin()
        self._thread.call(self._exchange)

    def start(self) -> None:
        """Start the thread "checks", as soon as there is a check: it beats, which costs more than a router.

        It starts "docker" and "restarts" if containers are to be checked.
        """
        self._started = True
        self._begin()

    def stop(self, timeout: float) -> None:
        """End all checks, in at most `timeout` seconds. May be called again, or without `start`."""
        deadline = monotonic() + timeout
        self._started = False
        self._thread.stop(timeout)
        if self._containers is not None:
            self._containers.stop(max(0.0, deadline - monotonic()))

    def _begin(self) -> None:
        if self._started and self._wanted and not self._begun:
            self._begun = True
            self._thread.start()

    def verdict(self, check: str, *, up: bool) -> None:
        """The verdict on a check changed: a container may have to be restarted. Returns at once."""
        if self._containers is not None:
            self._containers.verdict(check, up=up)

    def _ended(self, why: str) -> None:
        """The thread has ended, and all checks with it."""
        self._listener.trouble("checks", "thread_ended", why)
        for check in tuple(self._wanted):
            self._listener.result(check, _crashed(why))

    def _replaced(self, why: str) -> None:
        """The process that starts programs has died or hung, and all programs with it."""
        self._listener.trouble("checks", "fork_server", why)

    async def _all(self) -> None:
        programs = ForkServer(self._replaced)
        self._tools = Tools(Resolver(), None, programs, self._stalls)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(keep_beating(self._stalls), name="stall watch")
                self._group = group
                self._fit()
        finally:
            self._group = None
            programs.close()

    def _exchange(self) -> None:
        try:
            self._fit()
        except Exception as error:  # noqa: BLE001 - in the loop nobody else would hear of it
            self._listener.trouble("checks", "crash", f"exchange of the checks: {cause(error)}")

    def _fit(self) -> None:
        """Let those checks run that are wanted now, and no others."""
        if self._group is None:
            return
        with self._reporting:
            wanted, docker = self._wanted, self._docker
        for name, running in tuple(self._running.items()):
            engine = docker if isinstance(running.check, ContainerCheck) else running.docker
            if wanted.get(name) is not running.check or engine != running.docker:
                running.task.cancel()
                del self._running[name]
        tools = self._tools
        if self._containers is not None:
            containers = [check for check in wanted.values() if isinstance(check, ContainerCheck)]
            self._containers.exchange(docker, containers)
            tools = replace(tools, docker=self._containers.feed)
        for name, check in wanted.items():
            if name not in self._running:
                task = self._group.create_task(self._keep_running(check, tools), name=f"check {name}")
                self._running[name] = _Running(check, docker, task)

    async def _keep_running(self, check: Check, tools: Tools) -> None:
        report: Report = partial(self._report, check)
        while True:
            try:
                await self._builders[check.kind](check, tools).run(report)
                detail = "the check ended by itself"
            except Exception as error:  # noqa: BLE001 - fail closed, whatever the bug
                detail = cause(error)
            self._listener.trouble("checks", "crash", f"check {check.name}: {detail}")
            report(_crashed(detail))
            await asyncio.sleep(_RESTART_PAUSE)

    def _report(self, check: Check, result: CheckResult) -> None:
        with self._reporting:
            if self._wanted.get(check.name) is check:
                self._listener.result(check.name, result)


def _crashed(detail: str) -> CheckResult:
    return CheckResult(Outcome.ERROR, f"the check could not run: {detail}", decisive=True)
