"""Wall clocks that somebody sets."""

from tests.sim.host.host import Host
from tests.sim.world import World


def set_the_clock(world: World, host: Host, _: float) -> None:
    """A wrong clock of a process that starts anew is believed, so it must be right again in the end."""
    host.step_wall_clock(world.rng.choice((-86400.0, -30.0, -1.0, 1.0, 30.0, 86400.0)))
