"""Hooks that hang, fail, and answer late."""

from functools import partial

from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.world import World


def hang_hooks(world: World, host: Host, seconds: float) -> None:
    """No program comes to an end by itself."""
    host.hooks.hangs = True
    world.timeline.after(seconds, lambda: mend_hooks(host))


def fail_hooks(world: World, host: Host, seconds: float) -> None:
    """Every program ends with an error."""
    host.hooks.fails = True
    world.timeline.after(seconds, lambda: mend_hooks(host))


def slow_hooks(world: World, host: Host, seconds: float) -> None:
    """Programs take about as long as the router waits, or longer."""
    host.hooks.slow = 2 * world.plan.hook_timeout
    world.timeline.after(seconds, lambda: mend_hooks(host))


def better_master_while_leaving(world: World, host: Host, seconds: float) -> None:
    """A host that serves is drained, its hook hangs, and a better master is heard meanwhile."""
    best = max(world.hosts, key=lambda each: each.params.routers[0].priority)
    name = next(iter(best.good))
    best.set_check(name, good=False)
    world.timeline.after(seconds + 3.0, partial(best.set_check, name, good=True))

    def leave() -> None:
        if host is not best and host.state is State.MASTER:
            host.hooks.hangs = True
            host.drain(world.timeline.now + 1.0)
            world.timeline.after(world.rng.uniform(0.01, 0.3), hear)

    def hear() -> None:
        world.forge(best, best.params.routers[0].priority)
        world.timeline.after(1.0, partial(mend_hooks, host))

    world.timeline.after(2.0, leave)


def mend_hooks(host: Host) -> None:
    """Programs do what they should."""
    host.hooks.hangs = host.hooks.fails = False
    host.hooks.slow = 0.02


HOOKS = (hang_hooks, hang_hooks, fail_hooks, slow_hooks, slow_hooks, better_master_while_leaving)
