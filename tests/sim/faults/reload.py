"""Reloads at any moment: the same file, and another priority for a while."""

from dataclasses import replace
from functools import partial

from sidecar.core.params import NodeParams
from sidecar.core.priorities import OWNER
from tests.sim.host.host import Host
from tests.sim.world import World

_OTHERS = (3, 99, 200, 245, 253)


def reload_priority(world: World, host: Host, seconds: float) -> None:
    """Another priority, and back again. That of an address owner stays (RFC 9568 section 6.1)."""
    before = host.params
    if before.routers[0].priority == OWNER:
        reload_nothing(world, host, seconds)
        return
    host.reload(_with(before, priority=world.rng.choice(_OTHERS)))
    world.timeline.after(seconds, partial(host.reload, before))


def reload_preemption(world: World, host: Host, seconds: float) -> None:
    """Something of no consequence for who serves now, and back again."""
    before = host.params
    host.reload(
        _with(before, v4_pseudo_header=False) if world.plan.family == 4 else _with(before, accept=False)
    )
    world.timeline.after(seconds, partial(host.reload, before))


def reload_nothing(_: World, host: Host, __: float) -> None:
    """The same file again."""
    host.reload(replace(host.params))


def _with(params: NodeParams, **changed: object) -> NodeParams:
    router = replace(params.routers[0], **changed)  # type: ignore[arg-type]
    return replace(params, routers=(router,))


RELOADS = (reload_priority, reload_priority, reload_preemption, reload_nothing)
