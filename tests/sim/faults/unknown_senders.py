"""Packets of senders that are none of the hosts, or speak in the name of one."""

from functools import partial

from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, TTL
from tests.sim.host.host import Host
from tests.sim.world import ROGUES, Plan, World


def priority_0_of_an_unknown_sender(world: World, _: Host, seconds: float) -> None:
    """A host that is none of ours says priority 0, again and again."""
    for n in range(20):
        world.timeline.after(n * seconds / 20, partial(world.intrude, 0))


def forged_priority_0(world: World, host: Host, seconds: float) -> None:
    """In the name of a host: takeovers begin, and end when the master speaks again."""
    for n in range(5):
        world.timeline.after(n * seconds / 5, partial(world.forge, host, 0))


def shout_nonsense(world: World, host: Host, _: float) -> None:
    rng = world.rng
    for _n in range(20):
        noise, ttl = rng.randbytes(6), rng.choice((1, 254))
        plan = world.plan
        if (plan.signed or plan.unicast) and noise[3] % 4 == 0:
            payload, ttl = _without_key_or_peer(plan, noise), TTL
        elif noise[0] % 2:
            payload = _from_far_away(world, noise)
        else:
            payload, ttl = _of_another_service(world, noise), TTL
        world.timeline.after(
            rng.uniform(0, 0.2), partial(world.junk, host, payload, ttl, GROUPS[world.plan.family])
        )


def _from_far_away(world: World, noise: bytes) -> bytes:
    """An advert of our VIP, for a TTL that no host of the LAN sends; its checksum is anything."""
    vip = world.plan.vips[0].ip.packed
    return bytes((world.plan.version << 4 | 1, 51, 255, 1, 0, 100)) + noise[1:3] + vip


def _without_key_or_peer(plan: Plan, noise: bytes) -> bytes:
    """An advert that is right in everything, of a host that has no key or is no peer."""
    family, ours = plan.family, tuple(vip.ip for vip in plan.vips)
    said = Advert(51, (0, 1, 254, 255)[noise[2] % 4], plan.interval_cs, ours, plan.version)
    return encode(said, ROGUES[family], GROUPS[family], pseudo_header=True)


def _of_another_service(world: World, noise: bytes) -> bytes:
    """An advert that is right in everything, with our VRID and the address of somebody else."""
    plan, family = world.plan, world.plan.family
    others = (plan.vips[0].ip + 100,) if noise[1] % 4 else ()
    said = Advert(51, (0, 1, 254, 255)[noise[2] % 4], plan.interval_cs, others, plan.version)
    return encode(said, ROGUES[family], GROUPS[family], pseudo_header=True)
