"""Runs all pools of a configuration in a thread of their own with a loop of their own."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sidecar.core.pool.events import PoolReport
from sidecar.core.pool.rollout import RolloutState
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.core.pool.upstream import Mode
from sidecar.loop_thread import LoopThread, cause, keep_beating
from sidecar.plan.pool import Pool, Reload
from sidecar.plan.services import Docker
from sidecar.programs.fork_server import ForkServer
from sidecar.stall import StallWatch

if TYPE_CHECKING:
    from sidecar.pools.nginx import Nginx
    from sidecar.pools.nginx_reloader import NginxReloader

_RESTART_PAUSE: Final = 1.0
_OF_POOLS: Final = ("nginx_container", "nginx_process", "nginx_reloader", "pool_loop")
"""What pools are made of."""


class PoolListener(Protocol):
    """Receiver of reports. Called from the pools thread; must be thread-safe and quick."""

    def pool_reports(self, reports: Iterable[PoolReport]) -> None:
        """Take what happened."""

    def pools(self, snapshots: tuple[PoolSnapshot, ...]) -> None:
        """Take the latest picture of all pools."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""


@dataclass(frozen=True, slots=True)
class _Site:
    """One nginx at work: how it is told, and who does it."""

    reload: Reload
    docker: Docker | None
    reloader: "NginxReloader"
    task: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class _Kept:
    """One pool at work."""

    pool: Pool
    reloader: "NginxReloader"
    task: asyncio.Task[None]


_Target = tuple[object, object]


class PoolRunner:
    """All pools at work between `start` and `stop`; which ones, `exchange` changes at any time.

    The file of a pool, and the generation that nginx serves, stay as they are after that.
    """

    def __init__(
        self,
        pools: Iterable[Pool],
        docker: Docker | None,
        listener: PoolListener,
        clock: Callable[[], float],
    ) -> None:
        self._wanted: dict[str, Pool] = {}
        self._docker = docker
        self._sites: dict[_Target, _Site] = {}
        self._kept: dict[str, _Kept] = {}
        self._group: asyncio.TaskGroup | None = None
        self._started = False
        self._listener = listener
        self._clock = clock
        self._stalls = StallWatch(clock=clock)
        self._snapshots: dict[str, PoolSnapshot] = {}
        self._thread = LoopThread("pools", self._all, self._ended)
        self._running = False
        self.exchange(pools, docker)

    def exchange(self, pools: Iterable[Pool], docker: Docker | None) -> None:
        """Keep these pools from now on. May be called from one other thread at any time, also before `start`.

        Equal pools go on. A pool that is not wanted any more ends: its file stays as it is, and nginx
        serves it. One that is wanted otherwise begins anew as after a start: nginx keeps what it has until
        there are verdicts.
        """
        before = self._wanted
        self._wanted = {
            pool.name: before[pool.name] if before.get(pool.name) == pool else pool for pool in pools
        }
        self._docker = docker
        if self._wanted:
            # Before the thread needs them: loading holds the interpreter, and most sidecars have no pool.
            for name in _OF_POOLS:
                import_module(f"sidecar.pools.{name}")
        self._begin()
        self._thread.call(self._exchange)

    def start(self) -> None:
        """Start the thread, as soon as there is a pool."""
        self._started = True
        self._begin()

    def stop(self, timeout: float) -> None:
        """End in at most `timeout` seconds. May be called again, or without `start`."""
        self._started = False
        self._thread.stop(timeout)

    def _begin(self) -> None:
        if self._started and self._wanted and not self._running:
            self._running = True
            self._thread.start()

    def reports(self, reports: Iterable[PoolReport]) -> None:
        """Pass on what happened to a pool."""
        self._listener.pool_reports(reports)

    def snapshot(self, snapshot: PoolSnapshot) -> None:
        """Show the latest picture of a pool beside those of the others."""
        self._snapshots[snapshot.name] = snapshot
        self._show()

    def _show(self) -> None:
        shown = (self._snapshots.get(name) for name in self._wanted)
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
        self._programs = programs
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(keep_beating(self._stalls), name="stall watch")
                self._group = group
                self._fit(group)
        finally:
            self._group = None
            programs.close()

    def _exchange(self) -> None:
        if self._group is None:
            return
        try:
            self._fit(self._group)
        except Exception as error:  # noqa: BLE001 - in the loop nobody else would hear of it
            self._listener.trouble("pools", "crash", f"exchange of the pools: {cause(error)}")

    def _fit(self, group: asyncio.TaskGroup) -> None:
        """Let those pools be kept that are wanted now, and no others."""
        wanted = self._wanted
        self._fit_sites(group, wanted.values())
        for name, kept in tuple(self._kept.items()):
            if (
                wanted.get(name) is not kept.pool
                or self._sites[_target(kept.pool)].reloader is not kept.reloader
            ):
                kept.task.cancel()
                del self._kept[name]
        for name in self._snapshots.keys() - wanted.keys():
            del self._snapshots[name]
        for name, pool in wanted.items():
            if name not in self._kept:
                reloader = self._sites[_target(pool)].reloader
                task = group.create_task(self._keep_running(pool, reloader), name=f"pool {name}")
                self._kept[name] = _Kept(pool, reloader, task)
        self._show()

    def _fit_sites(self, group: asyncio.TaskGroup, pools: Iterable[Pool]) -> None:
        """Have somebody work for each nginx: as its first pool says how it is told."""
        from sidecar.pools.nginx_reloader import NginxReloader  # noqa: PLC0415

        wanted: dict[_Target, Reload] = {}
        for pool in pools:
            wanted.setdefault(_target(pool), pool.reload)
        for target, site in tuple(self._sites.items()):
            docker = None if site.reload.container is None else self._docker
            if wanted.get(target) != site.reload or site.docker != docker:
                site.task.cancel()
                del self._sites[target]
        for target, reload in wanted.items():
            if target not in self._sites:
                reloader = NginxReloader(self._nginx(reload, self._programs), reload.timeout, self._stalls)
                task = group.create_task(reloader.run(), name=f"reloader {target}")
                docker = None if reload.container is None else self._docker
                self._sites[target] = _Site(reload, docker, reloader, task)

    def _nginx(self, reload: Reload, programs: ForkServer) -> "Nginx":
        from sidecar.pools.nginx_container import NginxContainer  # noqa: PLC0415
        from sidecar.pools.nginx_process import NginxProcess  # noqa: PLC0415

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

    async def _keep_running(self, pool: Pool, reloader: "NginxReloader") -> None:
        from sidecar.pools.pool_loop import PoolLoop  # noqa: PLC0415

        while True:
            try:
                await PoolLoop(pool, reloader, self, self._stalls).run()
            except Exception as error:  # noqa: BLE001 - one pool must not end the others
                self._crashed(pool, cause(error))
            await asyncio.sleep(_RESTART_PAUSE)


def _target(pool: Pool) -> _Target:
    """Return which nginx a pool belongs to."""
    return pool.reload.container, pool.reload.pid_file
