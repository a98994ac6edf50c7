"""Processes that are killed and started again: at once, again and again, all together, with another file."""

from dataclasses import replace
from functools import partial
from ipaddress import IPv4Interface, IPv6Interface

from sidecar.core.address import Vip
from tests.sim.faults.process import kill
from tests.sim.host.host import Host
from tests.sim.world import VRID, World

ANOTHER_VIP: dict[int, Vip] = {4: IPv4Interface("10.77.0.101/32"), 6: IPv6Interface("2001:db8::101")}


def restart_within_the_lease(world: World, host: Host, _: float) -> None:
    """Killed, and started again by its supervisor, mostly while the kernel has the VIP yet."""
    kill(world, host, world.rng.uniform(0.001, 1.2) * host.params.routers[0].lease)


def restart_often(world: World, host: Host, _: float) -> None:
    """It dies again soon after each start."""
    lease = host.params.routers[0].lease
    for n in range(3):
        world.timeline.after(n * lease / 2, partial(kill, world, host, world.rng.uniform(0.001, 0.4) * lease))


def restart_before_any_verdict(world: World, host: Host, _: float) -> None:
    """It dies again before its checks have had a verdict, for longer than they are believed without one."""
    for n in range(int(6 * max(world.plan.interval, 0.3) / 0.15)):
        world.timeline.after(n * 0.15, partial(kill, world, host, 0.1))


def restart_all(world: World, _: Host, seconds: float) -> None:
    for host in world.hosts:
        restart_within_the_lease(world, host, seconds)


def restart_with_another_configuration(world: World, host: Host, _: float) -> None:
    """For a moment a file counts that makes another virtual router of it, and then the right one again."""
    params, plan = host.params, world.plan
    router, lease = params.routers[0], params.routers[0].lease
    right = (router.vrid, router.addresses, router.interval_cs) == (VRID, plan.vips, plan.interval_cs)
    if host.node is None or not right:
        return
    others = (
        {"vrid": router.vrid + 1},
        {"addresses": (*router.addresses, ANOTHER_VIP[router.family])},
        {"interval_cs": router.interval_cs + 100},
    )
    changed = replace(router, **world.rng.choice(others))
    host.kill()
    host.process.params = replace(params, routers=(changed,))
    host.start()

    def mend() -> None:
        host.process.params = params
        kill(world, host, world.rng.uniform(0.001, 0.3) * lease)

    world.timeline.after(world.rng.uniform(0.01, 0.4), mend)
