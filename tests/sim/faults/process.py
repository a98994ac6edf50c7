"""Faults of the router process: killed, stopped, frozen."""

from collections.abc import Callable

from tests.sim.host.host import Host
from tests.sim.world import World


def kill(world: World, host: Host, seconds: float) -> None:
    if host.node is not None:
        host.kill()
        later(world, host, seconds, host.start)


def restart_at_once(world: World, host: Host, _: float) -> None:
    kill(world, host, 0.001)


def freeze(world: World, host: Host, seconds: float) -> None:
    host.freeze()
    later(world, host, seconds, host.thaw)


def stop(world: World, host: Host, seconds: float) -> None:
    if host.node is not None and not host.frozen:
        host.stop()
        later(world, host, seconds, lambda: host.start() if host.node is None else None)


def later(world: World, host: Host, seconds: float, do: Callable[[], None]) -> None:
    life = host.process.life.number
    world.timeline.after(
        seconds, lambda: do() if host.process.life.number == life or host.node is None else None
    )
