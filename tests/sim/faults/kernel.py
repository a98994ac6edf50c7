"""A kernel that refuses, is late or does not answer, and addresses that somebody else changes."""

from functools import partial

from sidecar.core.router.lease import ANSWER_TIMEOUT
from sidecar.core.router.state_machine import FAULT_RETRY
from tests.sim.host.host import Host
from tests.sim.world import World

MENDED_WITHIN = FAULT_RETRY + 0.1
"""Seconds after which a host may serve again whose kernel does what it is asked."""


def refuse(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.refuses = True
    world.timeline.after(seconds, lambda: mend_kernel(world, host))


def refuse_to_add(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.refuses_to_add = True
    world.timeline.after(seconds, lambda: mend_kernel(world, host))


def take_address(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.set_foreign({world.plan.vips[0]})
    world.timeline.after(seconds, lambda: mend_kernel(world, host))


def mend_kernel(world: World, host: Host) -> None:
    host.kernel.refuses = host.kernel.refuses_to_add = False
    if host.kernel.foreign:
        host.kernel.set_foreign(set())
    world.monitors.unready(host)
    world.monitors.ready(host, MENDED_WITHIN)


def delete_by_hand(world: World, host: Host, _: float) -> None:
    host.kernel.delete(world.plan.vips[0])
    world.monitors.robbed(host)


def slow_kernel(world: World, host: Host, seconds: float) -> None:
    host.kernel.ack_delay = 0.03
    world.timeline.after(seconds, partial(setattr, host.kernel, "ack_delay", 0.002))


def busy_kernel(world: World, host: Host, seconds: float) -> None:
    """Several commands are under way at once, and most answers are to older ones."""
    host.kernel.ack_delay = 0.3
    world.timeline.after(seconds, partial(setattr, host.kernel, "ack_delay", 0.002))


def stuck_kernel(world: World, host: Host, seconds: float) -> None:
    """No answer for so long that the core gives up waiting, and then all of them."""
    world.monitors.unready(host)
    host.kernel.stick(ANSWER_TIMEOUT * (0.8 + 0.4 * (seconds % 1)))
    world.timeline.after(2 * ANSWER_TIMEOUT, lambda: mend_kernel(world, host))
