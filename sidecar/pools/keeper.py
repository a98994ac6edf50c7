"""Runs all pools of a configuration in a thread of their own with a loop of their own."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from sidecar.core.lineup import Mode
from sidecar.core.pool_events import PoolReport
from sidecar.core.pool_snapshot import PoolSnapshot
from sidecar.core.rollout import RolloutState
from sidecar.loop_thread import LoopThread, cause, keep_beating
from sidecar.plan.pool import Pool, Reload
from sidecar.plan.services import Docker
from sidecar.pools.foreman import Foreman
from sidecar.pools.nginx import Nginx
from sidecar.pools.nginx_container import NginxContainer
from sidecar.pools.nginx_process import NginxProcess
from sidecar.pools.pool_loop import PoolLoop
from sidecar.programs.fork_server import ForkServer
from sidecar.stall import StallWatch

_RESTART_PAUSE: Final = 1.0


class PoolListener(Protocol):
    """Who is told. Called from the pools thread; must be thread-safe and quick."""

    def pool_reports(self, reports: Iterable[PoolReport]) -> None:
        """Take what happened."""

    def pools(self, snapshots: tuple[PoolSnapshot, ...]) -> None:
        """Take the latest picture of all pools."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""


class PoolKeeper:
    """All pools at work between `start` and `stop`. What nginx serves stays as it is after that."""

    def __init__(
        self,
        pools: Iterable[Pool],
        docker: Docker | None,
        listener: PoolListener,
        clock: Callable[[], float],
    ) -> None:
        self._pools = tuple(pools)
        self._docker = docker
        self._listener = listener
        self._clock = clock
        self._stalls = StallWatch(clock=clock)
        self._snapshots: dict[str, PoolSnapshot] = {}
        self._thread = LoopThread("pools", self._all, self._ended)

    def start(self) -> None:
        """Start the thread, if there is a pool."""
        if self._pools:
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """End in at most `timeout` seconds. May be called again, or without `start`."""
        self._thread.stop(timeout)

    def reports(self, reports: Iterable[PoolReport]) -> None:
        """Pass on what happened to a pool."""
        self._listener.pool_reports(reports)

    def snapshot(self, snapshot: PoolSnapshot) -> None:
        """Show the latest picture of a pool beside those of the others."""
        self._snapshots[snapshot.name] = snapshot
        shown = (self._snapshots.get(pool.name) for pool in self._pools)
        self._listener.pools(tuple(each for each in shown if each is not None))

    def _ended(self, why: str) -> None:
        """The thread has ended, and all pools with it."""
        self._listener.trouble("pools", "thread_ended", why)

    def _untested(self, why: str) -> None:
        """Reloads are not tested before they are made."""
        self._listener.trouble("pools", "untested", why)

    def _replaced(self, why: str) -> None:
        """The process that starts programs has died or hung."""
        self._listener.trouble("pools", "fork_server", why)

    async def _all(self) -> None:
        programs = ForkServer(self._replaced)
        try:
            await self._keep_all(programs)
        finally:
            programs.close()

    async def _keep_all(self, programs: ForkServer) -> None:
        foremen: dict[tuple[object, object], Foreman] = {}
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_beating(self._stalls), name="stall watch")
            for pool in self._pools:
                target = pool.reload.container, pool.reload.pid_file
                if target not in foremen:
                    foremen[target] = Foreman(
                        self._nginx(pool.reload, programs), pool.reload.timeout, self._stalls
                    )
                    group.create_task(foremen[target].run(), name=f"foreman {target}")
                group.create_task(self._keep_running(pool, foremen[target]), name=f"pool {pool.name}")

    def _nginx(self, reload: Reload, programs: ForkServer) -> Nginx:
        if reload.pid_file is not None:
            return NginxProcess(Path(reload.pid_file), reload.test, reload.timeout, programs)
        if reload.container is None or self._docker is None:
            raise ValueError("a container is told through the docker section of the configuration")
        return NginxContainer(self._docker.url, reload.container, reload.test, reload.timeout, self._untested)

    def _crashed(self, pool: Pool, why: str) -> None:
        """Say so, and show what nginx serves as something that nobody keeps."""
        self._listener.trouble("pools", "crash", f"pool {pool.name}: {why}")
        now = self._clock()
        last = self._snapshots.get(pool.name) or PoolSnapshot(
            pool.name, pool.params.upstream, Mode.EMPTY, RolloutState.FAILED, now, "", 0, ()
        )
        self.snapshot(replace(last, state=RolloutState.FAILED, since=now, detail=f"crashed: {why}"))

    async def _keep_running(self, pool: Pool, foreman: Foreman) -> None:
        while True:
            try:
                await PoolLoop(pool, foreman, self, self._stalls).run()
            except Exception as error:  # noqa: BLE001 - one pool must not end the others
                self._crashed(pool, cause(error))
            await asyncio.sleep(_RESTART_PAUSE)
