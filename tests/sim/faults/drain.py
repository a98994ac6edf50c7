"""Operators who drain hosts and take that back, at any moment."""

from math import inf

from tests.sim.host.host import Host
from tests.sim.world import World


def drain(_: World, host: Host, seconds: float) -> None:
    """For a time. One who is asked again drains for another time."""
    host.drain(host.timeline.now + seconds)


def drain_for_good(_: World, host: Host, __: float) -> None:
    """Without an end."""
    host.drain(inf)


def drain_and_undrain(world: World, host: Host, seconds: float) -> None:
    """Taken back before it ends."""
    host.drain(host.timeline.now + 2 * seconds)
    world.timeline.after(seconds, host.undrain)


def undrain(_: World, host: Host, __: float) -> None:
    """Also where nothing was drained."""
    host.undrain()


def drain_all(world: World, _: Host, seconds: float) -> None:
    """Somebody must serve all the same."""
    for host in world.hosts:
        host.drain(host.timeline.now + seconds * (1 + host.number / 8))


def drain_and_kill(world: World, host: Host, seconds: float) -> None:
    """The next process knows of it from its first step on."""
    host.drain(host.timeline.now + seconds)
    if host.node is not None:
        world.timeline.after(world.rng.uniform(0, 0.3), lambda: _again(world, host))


def _again(world: World, host: Host) -> None:
    if host.node is None:
        return
    host.kill()
    life = host.process.life.number
    world.timeline.after(
        world.rng.uniform(0.001, 0.3),
        lambda: host.start() if host.process.life.number == life and host.node is None else None,
    )


DRAINS = (drain, drain, drain_for_good, drain_and_undrain, undrain, drain_all, drain_and_kill)
