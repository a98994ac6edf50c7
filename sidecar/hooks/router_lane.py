"""Runs the hooks of one router: in the order of its lane, never two at a time, each within its time."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from sidecar.core.actions import RunHook
from sidecar.core.hook import HookResult
from sidecar.hooks.lane import Lane, Superseded
from sidecar.hooks.program import judged, program
from sidecar.loop_thread import cause
from sidecar.plan.hooks import HookPrograms
from sidecar.programs.fork_server import ForkServer
from sidecar.programs.supervised_program import SupervisedProgram

Outcome = tuple[HookResult, str]


class Report(Protocol):
    """Takes what became of a hook."""

    def __call__(self, run: RunHook, result: HookResult, detail: str, seconds: float) -> None:
        """Take it. It has run for so many seconds, 0 if it was not begun."""


class RouterLane:
    """For the thread of the loop. `programs` may be exchanged at any time; None: the router has no hooks."""

    def __init__(self, server: ForkServer, report: Report, clock: Callable[[], float]) -> None:
        self.programs: HookPrograms | None = None
        self._server = server
        self._report = report
        self._clock = clock
        self._lane = Lane()
        self._task: asyncio.Task[Outcome] | None = None
        self._last: SupervisedProgram | None = None
        self._closing = False

    async def idle(self) -> None:
        """Return when nothing runs or waits."""
        while self._task is not None and self._lane.running is not None:
            await asyncio.wait([self._task])

    def ask(self, run: RunHook) -> None:
        """Run it when its turn comes."""
        self._follow(self._lane.ask(run))
        self._next()

    def cancel(self, asked_at: float) -> None:
        """End what was asked for then and is waited for no more."""
        self._follow(self._lane.cancel(asked_at))
        self._next()

    def close(self) -> None:
        """End what runs, and begin nothing."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()

    def _follow(self, superseded: Superseded) -> None:
        for each in superseded.dropped:
            self._report(each, HookResult.SUPERSEDED, "it had not begun when it was of no use any more", 0.0)
        if superseded.end and self._task is not None:
            self._task.cancel()

    def _next(self) -> None:
        run = None if self._closing else self._lane.next()
        if run is not None:
            self._task = asyncio.create_task(self._outcome(run), name=f"hook {run.hook} of {run.router}")
            # A task that is cancelled before its first turn has no part that could tell of its end.
            self._task.add_done_callback(partial(self._ended, run, self._clock()))

    def _ended(self, run: RunHook, began: float, task: asyncio.Task[Outcome]) -> None:
        if task.cancelled():
            result, detail = HookResult.SUPERSEDED, "it was ended, because it was of no use any more"
        elif (fault := task.exception()) is not None:
            result, detail = HookResult.FAILED, f"the hook could not run: {cause(fault)}"
        else:
            result, detail = task.result()
        self._report(run, result, detail, self._clock() - began)
        self._lane.ended()
        self._next()

    async def _outcome(self, run: RunHook) -> Outcome:
        programs = self.programs
        if programs is None or not programs.argv(run.hook):
            return HookResult.SKIPPED, "the configuration names no program for it any more"
        seconds = min(programs.post_timeout, run.until - self._clock())
        if run.hook.waited_for:
            seconds = run.until - self._clock()
        if seconds <= 0:
            return HookResult.TIMEOUT, "its time was over before it could begin"
        reached = "an earlier one is still there and cannot be killed"
        try:
            async with asyncio.timeout(seconds):
                if self._last is not None:
                    await self._last.settled()
                reached = f"it had not ended after {seconds:.3g} s, and was ended"
                self._last = program(run, programs, seconds, self._server)
                return judged(await self._last.run())
        except TimeoutError:
            return HookResult.TIMEOUT, reached
        except OSError as error:
            return HookResult.FAILED, f"the program could not be run: {error.strerror}"
