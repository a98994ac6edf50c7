"""Observations for a pool: its names, its servers, its file and what nginx serves. Nothing is decided."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from sidecar.checks.probe import Report
from sidecar.checks.resolve import Resolver
from sidecar.checks.schedule import Pace, Polled
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import Audited, PoolEvent, Probed, Resolved, Served
from sidecar.core.pool.params import PoolParams, split
from sidecar.core.pool.upstream_file import read, token
from sidecar.plan.pool import Pool
from sidecar.pools.cut_off import CutOff
from sidecar.pools.generation_client import GenerationClient
from sidecar.pools.layers import layered
from sidecar.pools.pool_file import PoolFile
from sidecar.stall import REPEAT_AFTER, StallWatch

LOOKUP_EVERY: Final = 2.0
LOOKUP_PATIENCE: Final = 5.0
AUDIT_EVERY: Final = 2.0
_RESTART_PAUSE: Final = 1.0

Post = Callable[[PoolEvent], None]


async def look_up(host: str, resolver: Resolver, stalls: StallWatch, post: Post) -> None:
    """Look a name up again and again, until cancelled. A failure in a stall of ours or soon after is none."""
    while True:
        asked = stalls.clock()
        answer = await _addresses(host, resolver)
        if not answer.addresses and stalls.excuses(asked):
            await asyncio.sleep(REPEAT_AFTER)
            continue
        post(answer)
        await asyncio.sleep(LOOKUP_EVERY)


async def _addresses(host: str, resolver: Resolver) -> Resolved:
    try:
        async with asyncio.timeout(LOOKUP_PATIENCE):
            return Resolved(host, await resolver.addresses(host))
    except TimeoutError:
        return Resolved(host, (), f"{host} does not resolve: no answer")
    except OSError as error:
        return Resolved(host, (), f"{host} does not resolve: {error.strerror}")


async def probe(
    address: str, pool: Pool, resolver: Resolver, stalls: StallWatch, cut: CutOff, post: Post
) -> None:
    """Probe one address on its pace until cancelled. A probe that cannot run is a failure."""
    ip, port = split(address)
    pace = Pace(pool.check.every, pool.check.timeout, pool.params.fall)
    report: Report = lambda result: post(Probed(address, result))  # noqa: E731 - its type is the point
    while True:
        try:
            asking = layered(pool.check, ip, port, resolver)
            await Polled(asking, pace, stalls, review=partial(cut.review, address)).run(report)
        except Exception as error:  # noqa: BLE001 - fail closed, whatever the bug
            detail = f"the probe could not run: {type(error).__name__}: {error}"
            report(CheckResult(Outcome.ERROR, detail, decisive=True))
        await asyncio.sleep(_RESTART_PAUSE)


async def audit(params: PoolParams, file: PoolFile, client: GenerationClient) -> Audited:
    """Read the file, and ask nginx whether it serves that very file."""
    try:
        content = file.read()
    except OSError:
        content = None
    found = read(content.decode(errors="replace"), params) if content is not None else None
    said = await client.ask()
    if said is None:
        return Audited(found, Served.SILENT)
    ours = found is not None and said == token(params, found.generation, found.digest)
    return Audited(found, Served.YES if ours else Served.OTHER)
