"""The container check: a Docker container runs and is not unhealthy.

The state comes from the docker thread. If the main process is visible from here, a pidfd tells
its death some 30 ms before the engine does. An engine that is away is UNKNOWN: it changes no verdict.
A pause is believed when it lasts, and longer just after a stall of ours: a tool that pauses and thaws a
whole host reaches the sidecar and its nginx one after the other.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Final

from sidecar.checks.docker.container_state import (
    Away,
    ContainerState,
    Died,
    Missing,
    Observation,
    precedes,
    verdict,
)
from sidecar.checks.docker.feed import LOOK, DockerFeed
from sidecar.checks.docker.restart_loop import CRASHES, WINDOW, RestartLoop
from sidecar.checks.probe import Report, Tools, Watch
from sidecar.checks.process import procfs
from sidecar.checks.process.pidfd import Pidfd, watch_exit
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.stall import THAW
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.stall import StallWatch

LASTING: Final = 0.4
"""Seconds after which a container that is paused counts as paused, and not as the first of all."""
_TIMED: Final = 0.9 * LOOK
"""Seconds after which a look at the same health result counts again: looks come every LOOK seconds."""


@dataclass(frozen=True, slots=True)
class _Exited:
    """The pidfd says that the main process of this life died."""

    life: tuple[str, str]


def build(check: ContainerCheck, tools: Tools) -> Watch:
    """Return the watch of a container check. Raise ValueError when no engine is configured."""
    if tools.docker is None:
        raise ValueError("a container check needs the docker section of the configuration")
    return ContainerWatch(check.container, tools.docker, tools.stalls)


class ContainerWatch:
    """Reports the first state and every change.

    Each run of the health check that has failed counts towards `fall`, and each timed look at a container
    that is unhealthy still; a further look at the same result, whatever event made us look, does not.
    """

    def __init__(self, selection: ContainerSelection, feed: DockerFeed, stalls: StallWatch) -> None:
        self._selection = selection
        self._feed = feed
        self._stalls = stalls
        self._inbox: asyncio.Queue[Observation | _Exited] = asyncio.Queue()
        self._state: ContainerState | None = None
        self._dead: tuple[str, str] | None = None
        self._pidfd: Pidfd | None = None
        self._away = False
        self._loop = RestartLoop()
        self._counted: tuple[str, str] | None = None
        self._paused_at: float | None = None
        self._held = False
        self._sick: tuple[str, str] | None = None
        self._vote: tuple[object, ...] = ()
        self._voted_at = -inf

    async def run(self, report: Report) -> None:
        """Report until cancelled."""
        last: CheckResult | None = None
        receive = self._inbox.put_nowait
        self._feed.attach(self._selection, asyncio.get_running_loop(), receive)
        try:
            while True:
                result = self._result(await self._news())
                if result is not None and self._is_news(result, last):
                    report(result)
                    last = result
        finally:
            self._feed.detach(self._selection, receive)
            self._unwatch()

    def _is_news(self, result: CheckResult, last: CheckResult | None) -> bool:
        """Say whether this is another result than the last, or one more failure of the health check."""
        state = self._state
        if result.outcome is not Outcome.FAIL or result.decisive or state is None:
            return result != last
        vote = (state.life, state.health)
        if vote == self._vote and _now() - self._voted_at < _TIMED:
            return False
        self._vote, self._voted_at = vote, _now()
        return True

    async def _news(self) -> Observation | _Exited | None:
        """An event; None when it is time to judge the known state again."""
        wait = self._patience()
        try:
            async with asyncio.timeout(None if wait == inf else wait):
                return await self._inbox.get()
        except TimeoutError:
            return None

    def _patience(self) -> float:
        """Seconds until a restart loop may be over, or a container that is paused is believed to be."""
        now = _now()
        until = self._loop.until(now)
        loop = inf if until == -inf else until - now
        return min(loop, self._pause_lasts_at() - self._stalls.clock() if self._held else inf)

    def _pause_lasts_at(self) -> float:
        """When a pause that goes on is believed."""
        began = self._stalls.clock() if self._paused_at is None else self._paused_at
        return max(began + LASTING, self._stalls.ended_at + THAW)

    def _result(self, seen: Observation | _Exited | None) -> CheckResult | None:
        if seen is not None and not isinstance(seen, _Exited):
            self._away = isinstance(seen, Away)
        match seen:
            case None:
                state = None if self._away else self._state
                return None if state is None or state.life == self._dead else self._verdict(state)
            case Away(why):
                return CheckResult(Outcome.UNKNOWN, why)
            case Missing():
                self._state = None
                self._unwatch()
                return CheckResult(Outcome.FAIL, _no_such(self._selection), decisive=True)
            case Died():
                return self._died(seen)
            case _Exited(life):
                self._dead = life
                return CheckResult(Outcome.FAIL, "main process died (pidfd)", decisive=True)
            case ContainerState():
                return self._inspected(seen)

    def _died(self, died: Died) -> CheckResult | None:
        state = self._state
        if state is None or state.id != died.id or precedes(died, state):
            return None
        if not died.asked and self._counted != state.life:
            self._loop.crashed(_now())
            self._counted = state.life
        if self._dead == state.life:
            return None
        self._dead = state.life
        self._unwatch()
        if not state.running:
            return None  # the engine has told already, and knows more
        code = f" with exit code {died.exit_code}" if died.exit_code else ""
        return CheckResult(Outcome.FAIL, f"main process died{code}", decisive=True)

    def _inspected(self, state: ContainerState) -> CheckResult | None:
        self._loop.inspected(state, _now())
        if state.running and state.life == self._dead:
            return None  # asked before the engine knew what we know
        if self._state is None or state.life != self._state.life or not state.running or state.replaceable:
            self._unwatch()
        self._state = state
        if state.running and self._pidfd is None and not state.replaceable:
            self._watch(state)
        return self._verdict(state)

    def _verdict(self, state: ContainerState) -> CheckResult | None:
        now = self._stalls.clock()
        if not (state.running and state.paused):
            self._paused_at = None
        elif self._paused_at is None:
            self._paused_at = now
        self._held = self._paused_at is not None and now < self._pause_lasts_at()
        if self._held:
            return None
        if state.running and state.health.unhealthy:
            self._sick = state.life
        elif not state.health.unmeasured:
            self._sick = None
        elif state.running and not state.paused and self._sick == state.life:
            # The engine was restarted, or has paused it, and begins anew: that is no health either.
            return CheckResult(Outcome.UNKNOWN, "running, health not measured since its health check failed")
        found = verdict(state)
        if found.outcome is not Outcome.PASS or self._loop.until(_now()) == -inf:
            return found
        detail = f"running, but it crashed {CRASHES} times within {WINDOW:.0f} s and has to stay up now"
        return CheckResult(Outcome.FAIL, detail, decisive=True)

    def _watch(self, state: ContainerState) -> None:
        if state.pid <= 0 or not state.id or not procfs.belongs_to_container(state.pid, state.id):
            return
        same = partial(procfs.belongs_to_container, state.pid, state.id)
        exited = partial(self._inbox.put_nowait, _Exited(state.life))
        self._pidfd = watch_exit(state.pid, same, exited)

    def _unwatch(self) -> None:
        if self._pidfd is not None:
            self._pidfd.close()
            self._pidfd = None


def _no_such(selection: ContainerSelection) -> str:
    return f"no container has the {selection}" if selection.labels else "no such container"


def _now() -> float:
    return asyncio.get_running_loop().time()
