"""Random misfortune: a regime says what can go wrong, a seed says what does and when."""

from collections.abc import Callable
from functools import partial
from random import Random

from tests.sim.faults.hooks import mend_hooks
from tests.sim.faults.kernel import mend_kernel
from tests.sim.faults.observer import heal_observer
from tests.sim.host.host import EPOCH
from tests.sim.plans import plan_for
from tests.sim.regimes import RESTARTS, faults_of
from tests.sim.world import World

STALLED = ("process", "network")
"""Regimes in which processes stand still between a decision and its first act."""


def run_seed(
    regime: str,
    seed: int,
    *,
    trace: list[str] | None = None,
    prepare: Callable[[World], None] | None = None,
) -> World:
    """Run one world of a regime through its faults, heal it, and demand order. `trace` takes what is seen.

    `prepare` is called with the world before anything happens in it.
    """
    rng = Random(f"{regime}{seed}")  # noqa: S311  # repeatable misfortune
    wire = Random(f"{regime}{seed}wire")  # noqa: S311
    world = World(plan_for(regime, rng, wire), rng.getrandbits(32))
    world.monitors.trace = trace
    if prepare is not None:
        prepare(world)
    unit = max(world.plan.interval, 0.3)
    for host in world.hosts:
        world.timeline.at(rng.uniform(0, unit), host.start)
        host.process.stall_chance = 0.005 if regime.removesuffix(RESTARTS) in STALLED else 0.0
    choices = faults_of(regime)
    now = 3 * unit
    for _ in range(rng.randint(3, 7)):
        now += rng.uniform(0.05, 4) * unit
        fault = partial(rng.choice(choices), world, rng.choice(world.hosts), rng.uniform(0.05, 6) * unit)
        world.timeline.at(now, fault)
    world.run(now + 7 * unit)
    for host in world.hosts:
        host.process.stall_chance = 0.0
    world.run(4 * unit)
    _heal(world)
    world.settle()
    return world


def _heal(world: World) -> None:
    world.lan.heal()
    for host in world.hosts:
        if host.was_paused:
            host.resume()
        if host.frozen:
            host.thaw()
        heal_observer(host)
        mend_hooks(host)
        if host.kernel.refuses or host.kernel.refuses_to_add or host.kernel.foreign:
            mend_kernel(world, host)
        host.set_link(up=True)
        host.mute(on=False)
        if host.wall != EPOCH:
            host.step_wall_clock(EPOCH - host.wall)
        if host.node is None or host.process.stopping:
            host.kill()
            host.start()


def run_watched(regime: str, seeds: int, watch: Callable[..., None]) -> None:
    """Run so many worlds, each with `watch(world, rng=...)` before it begins; a violation names its seed."""
    for seed in range(seeds):
        try:
            run_seed(regime, seed, prepare=partial(watch, rng=Random(seed)))  # noqa: S311  # repeatable
        except AssertionError as violation:
            violation.add_note(f"reproduce: run_seed({regime!r}, {seed}, prepare=...)")
            raise
