"""Targets of checks that fail for a while."""

from functools import partial

from tests.sim.host.host import Host
from tests.sim.world import World


def fail_check(world: World, host: Host, seconds: float) -> None:
    host.set_check("check0", good=False)
    world.timeline.after(seconds, lambda: host.set_check("check0", good=True))


def fail_all_checks(world: World, _: Host, seconds: float) -> None:
    for host in world.hosts:
        fail_check(world, host, seconds * (1 + host.number / 8))


def fail_in_turn(world: World, host: Host, seconds: float) -> None:
    """Never both: each is well again before the other one fails."""
    turn = seconds / 4
    for n in range(4):
        failing = world.hosts[(host.number + n) % len(world.hosts)]
        world.timeline.after(n * turn, partial(fail_check, world, failing, turn * 0.9))
