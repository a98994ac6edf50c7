"""The next step that a router shows is what happens when nothing else does.

Modules: core.router.outlook.
"""

import os
from functools import partial

import pytest

from sidecar.core.health.params import DampingParams
from sidecar.core.snapshot import Outlook, Step
from tests.sim.forecast import check, watch
from tests.sim.run import run_watched
from tests.sim.world import Plan, World

SEEDS = int(os.environ.get("SIM_SEEDS", "12"))
REGIMES = ("planned", "process", "network", "pair")


@pytest.mark.parametrize("regime", REGIMES)
def test_what_a_router_says_that_it_does_next_is_what_it_does(regime: str) -> None:
    seen: dict[Step, int] = {}
    run_watched(regime, SEEDS, partial(watch, seen=seen, every=1.0))
    expected = {Step.SERVES, Step.FOLLOWS, Step.TAKES_OVER}
    assert expected <= seen.keys(), seen


def settled(plan: Plan) -> World:
    """A pair of which the lesser host serves while the better one is not there yet."""
    world = World(plan, 1)
    world.hosts[1].start()
    world.settle()
    world.monitors.quiet = False
    world.hosts[0].start()
    return world


def outlook(world: World, number: int = 0) -> Outlook:
    host = world.hosts[number]
    assert host.node is not None
    return host.node.snapshot(host.clock).routers[0].outlook


def test_a_startup_delay_is_shown_until_it_ends_and_then_the_takeover() -> None:
    world = World(Plan((250, 240), startup_delay=8.0), 1)
    for host in world.hosts:
        host.start()
    world.run(7.0)
    assert {check(world, host) for host in world.hosts} == {Step.STARTUP_DELAY}
    world.run(1.5)
    assert (outlook(world).step, outlook(world, 1).step) == (Step.SERVES, Step.FOLLOWS)


def test_a_preempt_delay_is_shown_until_it_ends_and_then_the_takeover() -> None:
    world = settled(Plan((250, 240), preempt_delay=5.0, overlap=0.2))
    world.run(1.5)
    assert check(world, world.hosts[0]) is Step.PREEMPT_DELAY
    ends = outlook(world).at
    world.run(3.0)
    assert outlook(world) == Outlook(Step.PREEMPT_DELAY, ends)
    world.run(1.7)
    assert check(world, world.hosts[0]) is Step.TAKES_OVER
    world.run(4.0)
    assert (outlook(world).step, outlook(world, 1).step) == (Step.SERVES, Step.FOLLOWS)


def test_a_hold_down_is_shown_until_it_ends_with_the_number_of_failures() -> None:
    damping = DampingParams(free=0, hold=8.0, most=60.0, forget=600.0)
    world = settled(Plan((250, 240), damping=damping, overlap=0.2))
    world.run(5.0)
    assert outlook(world).step is Step.SERVES
    host = world.hosts[0]
    for good in (False, True):
        host.set_check("check0", good=good)
        world.run(1.5)
    assert check(world, host) is Step.HELD_DOWN
    held = outlook(world)
    assert held.failures == 1
    assert held.at is not None
    world.run(held.at - host.clock + 0.05)
    assert check(world, host) is Step.TAKES_OVER


def test_one_that_serves_although_all_are_unfit_says_so_and_lets_go_when_another_is_well() -> None:
    world = settled(Plan((250, 240), overlap=0.2))
    world.run(6.0)
    for host in world.hosts:
        host.set_check("check0", good=False)
    world.run(5.0)
    steps = {outlook(world, number).step for number in (0, 1)}
    assert steps == {Step.SERVES_UNFIT, Step.FOLLOWS}


def test_who_follows_a_lesser_master_by_preempt_false_does_nothing() -> None:
    world = settled(Plan((250, 240), preempt=False, overlap=0.2))
    world.run(6.0)
    assert check(world, world.hosts[0]) is Step.FOLLOWS
