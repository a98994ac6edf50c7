"""Cuts, losses and duplicates between hosts."""

from functools import partial

from tests.sim.host.host import Host
from tests.sim.world import CLIENT_PORT, World


def cut_off(world: World, host: Host, seconds: float) -> None:
    others = [h.number for h in world.hosts] + [CLIENT_PORT + n for n in range(len(world.clients))]
    _cut(world, {(host.number, n) for n in others} | {(n, host.number) for n in others}, seconds)


def cut_incoming(world: World, host: Host, seconds: float) -> None:
    _cut(world, {(h.number, host.number) for h in world.hosts}, seconds)


def cut_outgoing(world: World, host: Host, seconds: float) -> None:
    _cut(world, {(host.number, h.number) for h in world.hosts}, seconds)


def lose(world: World, host: Host, seconds: float) -> None:
    ways = {(a.number, b.number) for a in world.hosts for b in world.hosts}
    ways |= {(host.number, CLIENT_PORT + n) for n in range(len(world.clients))}
    world.lan.loss.update(dict.fromkeys(ways, 0.3))
    world.timeline.after(seconds, world.lan.loss.clear)


def duplicate(world: World, _: Host, seconds: float) -> None:
    world.lan.duplicates = 0.5
    world.timeline.after(seconds, partial(setattr, world.lan, "duplicates", 0.0))


def _cut(world: World, ways: set[tuple[int, int]], seconds: float) -> None:
    world.lan.cuts |= ways
    world.timeline.after(seconds, partial(world.lan.cuts.difference_update, ways))
