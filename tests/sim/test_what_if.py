"""What a copy of the core, made from pictures alone, does under a supposition is what then happens.

Modules: core.what_if.*.
"""

import os
from copy import deepcopy
from dataclasses import replace
from functools import partial
from math import inf
from random import Random

import pytest

from sidecar.core.params import master_down_interval
from sidecar.core.router.peers import serves
from sidecar.core.snapshot import Outlook, RouterSnapshot, Step
from sidecar.core.state import State
from sidecar.core.what_if.future import Future
from sidecar.core.what_if.supposition import (
    CheckIs,
    DrainIs,
    PeerResigns,
    PeerSilent,
    PriorityIs,
    Supposition,
)
from tests.sim.forecast import EXACT, _at_rest
from tests.sim.host.host import Host
from tests.sim.run import run_watched
from tests.sim.violation import Violation
from tests.sim.world import Plan, World

SEEDS = int(os.environ.get("SIM_SEEDS", "12"))
LATE = 0.1
"""Seconds by which processes and wires of a world may be later than a copy, which is alone with time."""


def drawn(rng: Random) -> Supposition:
    return rng.choice(
        (
            CheckIs("check0", up=False),
            CheckIs("check0", up=True),
            DrainIs(on=True),
            DrainIs(on=False),
            PriorityIs(rng.choice((2, 100, 245, 254))),
            PeerSilent(),
            PeerResigns(),
        )
    )


def known(host: Host) -> bool:
    """Whether a picture shows everything that matters: no second master, nothing under way."""
    if not _at_rest(host):
        return False
    assert host.node is not None
    (election,) = host.node._elections.values()
    router, master = election.router, election.router.peers.master
    other = master is not None and serves(master, router.timer.interval, host.clock)
    return router.state is not State.INIT and not (router.state is State.MASTER and other)


def horizon(shown: RouterSnapshot) -> float:
    return 3 * master_down_interval(1, shown.contention.interval, shown.version)


Moves = list[tuple[float, State, State, str]]


def moves(future: Future) -> Moves:
    return [(move.at, move.old, move.new, move.reason) for move in future.moves]


def lived(future: Future, supposed: Supposition, seconds: float) -> tuple[Moves, Outlook, int]:
    future.suppose([supposed])
    future.live(future.now + seconds)
    (shown,) = future.shown().routers
    return moves(future), shown.outlook, shown.effective_priority


def same(told: Moves, done: Moves, within: float) -> bool:
    return len(told) == len(done) and all(
        one[1:] == other[1:] and abs(one[0] - other[0]) <= within
        for one, other in zip(told, done, strict=True)
    )


def agreed(world: World, host: Host, supposed: Supposition) -> bool:
    """Compare a copy from pictures with a copy of the objects. Return whether there was a move."""
    assert host.node is not None
    shown, now = host.node.snapshot(host.clock), host.clock
    told, control = (Future(host.params, shown, now) for _ in range(2))
    control.node = deepcopy(host.node)
    seconds = horizon(shown.routers[0])
    expected, found = (lived(future, supposed, seconds) for future in (control, told))
    alike = same(found[0], expected[0], EXACT) and near(found[1], expected[1]) and found[2] == expected[2]
    if not alike:
        differ = f"{host.number} {supposed}: {found}, not {expected}"
        raise Violation("what-if", world.timeline.now, differ)
    return bool(expected[0])


def near(one: Outlook, other: Outlook) -> bool:
    if one.at is None or other.at is None:
        return one == other
    return replace(one, at=None) == replace(other, at=None) and abs(one.at - other.at) <= EXACT


def watch(world: World, counts: dict[bool, int], rng: Random, *, every: float) -> None:
    """Compare a copy from pictures with a copy of the objects, now and then, in whatever has gone wrong."""
    if world.plan.signed or world.plan.unicast:
        return

    def look() -> None:
        host = rng.choice(world.hosts)
        if known(host):
            moved = agreed(world, host, drawn(rng))
            counts[moved] = counts.get(moved, 0) + 1
        world.timeline.after(rng.uniform(0, 2 * every), look)

    world.timeline.after(rng.uniform(0, every), look)


@pytest.mark.parametrize("regime", ["planned", "process", "network", "pair"])
def test_a_copy_from_pictures_does_what_a_copy_of_the_objects_does(regime: str) -> None:
    counts: dict[bool, int] = {}
    run_watched(regime, SEEDS, partial(watch, counts=counts, every=1.0))
    assert counts.keys() == {False, True}, counts


def beside(plan: Plan) -> World:
    """A world in which the lesser host serves, and the better one has just come."""
    world = World(plan, 1)
    world.hosts[1].start()
    world.settle()
    world.monitors.quiet = False
    world.hosts[0].start()
    world.run(1.5)
    return world


def outlook(host: Host) -> Step:
    assert host.node is not None
    return host.node.snapshot(host.clock).routers[0].outlook.step


def test_a_preempt_delay_that_has_begun_goes_on_in_the_copy() -> None:
    world = beside(Plan((250, 240), preempt_delay=5.0, overlap=0.2))
    world.run(2.0)
    assert outlook(world.hosts[0]) is Step.PREEMPT_DELAY
    assert agreed(world, world.hosts[0], PriorityIs(245))
    assert not agreed(world, world.hosts[0], PriorityIs(100))


def test_a_copy_knows_that_the_master_was_better_before() -> None:
    """A master that has lost more than this host is replaced, also with `preempt: false`."""
    world = beside(Plan((235, 250), preempt=False, overlap=0.2))
    (router,) = world.hosts[1].params.routers
    world.hosts[1].reload(replace(world.hosts[1].params, routers=(replace(router, priority=240),)))
    world.run(1.5)
    assert outlook(world.hosts[0]) is Step.FOLLOWS
    assert agreed(world, world.hosts[0], PriorityIs(245))


def test_failures_before_count_in_the_copy() -> None:
    world = beside(Plan((250, 240), damped=True, overlap=0.2))
    host = world.hosts[0]
    for good in (False, True, False, True, False):
        host.set_check("check0", good=good)
        world.run(1.1)
    assert agreed(world, host, CheckIs("check0", up=True))
    host.set_check("check0", good=True)
    world.run(0.1)
    assert outlook(host) is Step.HELD_DOWN
    assert agreed(world, host, PeerSilent())


def plan_of(rng: Random) -> Plan:
    usual: dict[str, object] = {}
    delayed: dict[str, object] = {"preempt_delay": 3.0}
    more = rng.choice(
        (usual, usual, delayed, {"preempt": False}, {"hosts": 2}, {"damped": True}, {"version": 2})
    )
    priorities = rng.choice(((250, 240), (240, 250), (250, 250)))
    return Plan(priorities, unicast=rng.random() < 0.3, overlap=0.2, **more)


def enact(host: Host, peer: Host, supposed: Supposition) -> None:
    """Make it so in the world."""
    match supposed:
        case CheckIs(check, up):
            host.set_check(check, good=up)
        case DrainIs(on):
            host.drain(inf) if on else host.undrain()
        case PriorityIs(priority):
            (router,) = host.params.routers
            host.reload(replace(host.params, routers=(replace(router, priority=priority),)))
        case PeerSilent():
            peer.set_link(up=False)
        case PeerResigns():
            peer.stop()


def disturb(world: World, rng: Random) -> None:
    """Let a host have a past: something failed and healed, or is still as it should not be."""
    host = rng.choice(world.hosts)
    for good in rng.choice(((), (False,), (False, True), (False, True, False, True))):
        host.set_check("check0", good=good)
        world.run(rng.uniform(0.1, 4.0))
    if rng.random() < 0.2:
        host.drain(inf)
    world.run(rng.uniform(0.1, 6.0))


def meant(supposed: Supposition, host: Host) -> bool:
    """Whether the supposition can be enacted by an event: the peer is what the host follows."""
    shown = host.node.snapshot(host.clock).routers[0] if host.node else None
    follows = shown is not None and shown.state is State.BACKUP and shown.master is not None
    return follows or not isinstance(supposed, PeerSilent | PeerResigns)


def happens(seed: int) -> bool | None:
    """Suppose something, make it so, and compare. Return whether a move was predicted; None: not at rest."""
    rng = Random(seed)  # noqa: S311  # repeatable
    world = World(plan_of(rng), seed)
    for host in world.hosts:
        host.start()
    world.run(8.0)
    world.monitors.quiet = False
    disturb(world, rng)
    host, peer = rng.sample(world.hosts, 2)
    supposed = drawn(rng)
    if not known(host) or not known(peer) or not meant(supposed, host):
        return None
    assert host.node is not None
    shown, offset = host.node.snapshot(host.clock), host.offset
    future = Future(host.params, shown, host.clock)
    seconds = horizon(shown.routers[0])
    told, _, _ = lived(future, supposed, seconds)
    begun = len(world.monitors.transitions)
    enact(host, peer, supposed)
    world.run(seconds + LATE)
    since = world.monitors.transitions[begun:]
    # The copy is alone: what it does after another host has begun to serve says nothing.
    taken = min(
        (at for at, number, t in since if number == peer.number and t.new is State.MASTER), default=inf
    )
    done = [(at + offset, t.old, t.new, str(t.reason)) for at, number, t in since if number == host.number]
    told = [move for move in told if move[0] - offset < taken]
    done = [move for move in done if move[0] - offset < taken]
    last = host.clock - 2 * LATE
    settled = [move for move in done if move[0] < last or move[1:] in [each[1:] for each in told]]
    assert same(told, settled, LATE), f"seed {seed}: {supposed} on {host.number}: {told}, and then {done}"
    return bool(told)


def test_what_is_supposed_and_then_made_so_has_the_consequences_that_were_told() -> None:
    outcomes = [happens(seed) for seed in range(25 * SEEDS)]
    assert outcomes.count(True) > len(outcomes) / 10
    assert outcomes.count(False) > len(outcomes) / 20
