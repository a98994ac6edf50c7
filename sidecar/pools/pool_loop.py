"""The shell around one pool: sense, decide, act, report."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from math import inf
from pathlib import Path
from typing import Protocol

from sidecar.checks.resolve import Resolver
from sidecar.core.pool.events import Apply, Isolated, PoolEvent, PoolReport
from sidecar.core.pool.params import split
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.core.pool.upstream_file import server_name
from sidecar.core.stall import Stalled
from sidecar.plan.pool import Pool as PoolPlan
from sidecar.pools.cut_off import SETTLE, CutOff
from sidecar.pools.generation_client import GenerationClient
from sidecar.pools.nginx_reloader import NginxReloader
from sidecar.pools.pool_file import PoolFile
from sidecar.pools.senses import AUDIT_EVERY, audit, look_up, probe
from sidecar.stall import StallMeter, StallWatch


class Audience(Protocol):
    """Receiver of reports about a pool. Called from the pools thread; must be thread-safe and quick."""

    def reports(self, reports: Iterable[PoolReport]) -> None:
        """Take what happened."""

    def snapshot(self, snapshot: PoolSnapshot) -> None:
        """Take the latest picture of one pool."""


class PoolLoop:
    """One pool at work."""

    def __init__(
        self, plan: PoolPlan, reloader: NginxReloader, audience: Audience, stalls: StallWatch
    ) -> None:
        self._plan = plan
        self._params = plan.params
        self._reloader = reloader
        self._audience = audience
        self._stalls = stalls
        self._clock = stalls.clock
        self._pool = Pool(self._params, stalls.clock())
        self._file = PoolFile(Path(plan.file))
        self._client = GenerationClient(*split(self._params.token), server_name(self._params))
        self._inbox: list[PoolEvent] = []
        self._something = asyncio.Event()
        self._resolver = Resolver()
        self._cut = CutOff(
            self._everybody,
            lambda reason: self._post(Isolated(reason)),
            self._clock,
            settle=max(SETTLE, plan.check.timeout),
        )
        self._probes: dict[str, asyncio.Task[None]] = {}
        self._changes = 0

    async def run(self) -> None:
        """Work until cancelled."""
        with contextlib.suppress(OSError):
            self._file.sweep()
        meter = StallMeter(self._stalls)
        async with asyncio.TaskGroup() as group:
            for host in self._params.hosts:
                group.create_task(
                    look_up(host, self._resolver, self._stalls, self._post), name=f"lookup {host}"
                )
            group.create_task(self._keep_auditing(), name=f"audit {self._params.name}")
            while True:
                self._tend_probes(group)
                await self._wait()
                events, self._inbox = self._inbox, []
                if (stalled := meter.news()) > 0:
                    events.insert(0, Stalled(stalled))
                now = self._clock()
                actions = self._pool.step(events, now)
                for action in actions:
                    if isinstance(action, Apply):
                        self._changes += 1
                        group.create_task(self._apply(action), name=f"change {self._params.name}")
                self._audience.reports([a for a in actions if not isinstance(a, Apply)])
                self._audience.snapshot(self._pool.snapshot(now))

    def _everybody(self) -> Iterator[str]:
        """Return whoever could answer a client: the servers, and the sorry server if it is no name."""
        for address in self._pool.addresses:
            yield split(address)[0]
        if self._params.sorry is not None:
            host, _ = split(self._params.sorry)
            with contextlib.suppress(ValueError):
                ip_address(host)
                yield host

    def _post(self, event: PoolEvent) -> None:
        self._inbox.append(event)
        self._something.set()

    async def _wait(self) -> None:
        now = self._clock()
        seconds = self._pool.deadline(now) - now
        if seconds > 0:
            try:
                async with asyncio.timeout(None if seconds == inf else seconds):
                    await self._something.wait()
            except TimeoutError:
                pass
        else:
            await asyncio.sleep(0)
        self._something.clear()

    async def _apply(self, apply: Apply) -> None:
        answer = await self._reloader.change(apply, self._file, self._client)
        self._changes += 1
        self._post(answer)

    async def _keep_auditing(self) -> None:
        while True:
            changes = self._changes
            seen = await audit(self._params, self._file, self._client)
            # Observations during a change say nothing about its outcome.
            if changes == self._changes:
                self._post(seen)
            await asyncio.sleep(AUDIT_EVERY)

    def _tend_probes(self, group: asyncio.TaskGroup) -> None:
        """Probe whoever is in the pool, and nobody else."""
        wanted = self._pool.addresses
        for address in self._probes.keys() - wanted:
            self._probes.pop(address).cancel()
            self._cut.forget(address)
        for address in wanted - self._probes.keys():
            work = probe(address, self._plan, self._resolver, self._stalls, self._cut, self._post)
            self._probes[address] = group.create_task(work, name=f"probe {address}")
