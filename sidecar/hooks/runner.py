"""Runs the hooks of all routers, in a thread of its own with a loop of its own. Nothing here decides."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.hook import HookResult
from sidecar.hooks.router_lane import RouterLane
from sidecar.loop_thread import LoopThread
from sidecar.plan.hooks import HookPrograms
from sidecar.programs.fork_server import ForkServer


class HookListener(Protocol):
    """Receiver of what became of hooks. Called from the thread "hooks", or of whoever asks; must be quick."""

    def hook_ended(self, run: RunHook, result: HookResult, detail: str, seconds: float) -> None:
        """Take what became of a hook that ran for so many seconds, 0 if it was not begun."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""


class HookRunner:
    """All hooks between `start` and `stop`. Its methods may be called from one other thread at any time."""

    def __init__(
        self, programs: Iterable[HookPrograms], listener: HookListener, clock: Callable[[], float]
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._programs = {each.router: each for each in programs}
        self._lanes: dict[str, RouterLane] = {}
        self._server: ForkServer
        self._asked = deque[RunHook | CancelHook]()
        self._started = self._begun = self._finishing = self._ended = False
        self._over = asyncio.Event()
        self._thread = LoopThread("hooks", self._all, self._thread_ended)

    def start(self) -> None:
        """Start the thread, as soon as there is a hook."""
        self._started = True
        self._begin()

    def exchange(self, programs: Iterable[HookPrograms]) -> None:
        """Run these from now on. What runs goes on."""
        self._programs = {each.router: each for each in programs}
        self._begin()
        self._thread.call(self._fit)

    def ask(self, run: RunHook) -> None:
        """Run it when its turn comes. The listener is told what became of it in any case."""
        if self._ended or not self._begun:
            why = "the thread that runs hooks has ended" if self._ended else "there is no program for it"
            self._listener.hook_ended(run, HookResult.SKIPPED, why, 0.0)
        else:
            self._asked.append(run)
            self._thread.call(self._take)

    def cancel(self, router: str, asked_at: float) -> None:
        """Nobody waits any more for what was asked for then."""
        self._asked.append(CancelHook(router, asked_at))
        self._thread.call(self._take)

    def finish(self) -> None:
        """End the thread when nothing runs or waits any more."""
        self._finishing = True
        self._thread.call(self._over.set)

    def stop(self, timeout: float) -> None:
        """End everything, in at most `timeout` seconds."""
        self._thread.stop(timeout)

    def wait(self, timeout: float) -> None:
        """Wait for the end that `finish` has asked for, for so many seconds at most."""
        self._thread.join(timeout)

    def _begin(self) -> None:
        if self._started and self._programs and not self._begun:
            self._begun = True
            self._thread.start()

    def _take(self) -> None:
        while self._asked:
            asked = self._asked.popleft()
            lane = self._lane(asked.router)
            if isinstance(asked, CancelHook):
                lane.cancel(asked.asked_at)
            else:
                lane.ask(asked)

    def _lane(self, router: str) -> RouterLane:
        lane = self._lanes.get(router)
        if lane is None:
            lane = RouterLane(self._server, self._listener.hook_ended, self._clock)
            lane.programs = self._programs.get(router)
            self._lanes[router] = lane
        return lane

    def _fit(self) -> None:
        for router, lane in self._lanes.items():
            lane.programs = self._programs.get(router)
        self._prepare()

    def _prepare(self) -> None:
        """The first hook need not wait for the process that starts programs."""
        if self._programs:
            self._server.prepare()

    async def _all(self) -> None:
        self._server = ForkServer(self._replaced)
        self._prepare()
        self._take()
        try:
            if not self._finishing:
                await self._over.wait()
            for lane in self._lanes.values():
                await lane.idle()
        finally:
            for lane in self._lanes.values():
                lane.close()
            self._server.close()

    def _replaced(self, why: str) -> None:
        """The process that starts programs has died or hung, and all programs with it."""
        self._listener.trouble("hooks", "fork_server", why)

    def _thread_ended(self, why: str) -> None:
        self._ended = True
        self._listener.trouble("hooks", "thread_ended", why)
