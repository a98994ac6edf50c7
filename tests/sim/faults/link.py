"""A cable that is pulled."""

from tests.sim.host.host import Host
from tests.sim.world import World


def unplug(world: World, host: Host, seconds: float) -> None:
    host.set_link(up=False)
    world.timeline.after(seconds, lambda: host.set_link(up=True))


def blink(world: World, host: Host, _: float) -> None:
    """The link is away for a moment."""
    unplug(world, host, 0.03)
