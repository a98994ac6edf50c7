"""Named situations on the simulated LAN, and their required outcome."""

from ipaddress import IPv4Interface
from math import inf

import pytest

from sidecar.core.params import PAIR, master_down_interval
from sidecar.core.state import Reason, State
from sidecar.core.wire.advert import GROUP_V4
from tests.sim.world import Plan, World


def started(plan: Plan, seed: int = 1) -> World:
    world = World(plan, seed)
    for host in world.hosts:
        host.start()
    world.settle()
    world.monitors.quiet = False
    return world


@pytest.mark.parametrize("interval_cs", [1, 10, 75, 100, 300, 4095])
def test_nothing_moves_while_nothing_is_wrong(interval_cs: int) -> None:
    world = started(Plan((250, 240, 1), interval_cs=interval_cs, overlap=0.2))
    world.monitors.quiet = True
    world.run(60 * world.plan.interval)
    assert world.one_holder() is world.hosts[0]


def test_two_owners_settle_on_one() -> None:
    world = started(Plan((255, 255), overlap=0.2))
    assert world.one_holder() is world.hosts[1]


def test_a_better_newcomer_preempts_only_when_its_checks_have_results() -> None:
    world = World(Plan((250, 240), overlap=0.2), 1)
    world.hosts[1].start()
    world.settle()
    world.monitors.quiet = False
    checks = dict(world.hosts[0].good)
    world.hosts[0].good.clear()
    world.hosts[0].start()
    world.run(20.0)
    assert world.one_holder_number() == 1
    world.hosts[0].good.update(checks)
    world.hosts[0].observer.report("check0")
    world.run(master_down_interval(250, 1.0) + 1.2)
    assert world.one_holder_number() == 0


def test_preempt_delay_is_waited_out() -> None:
    world = World(Plan((250, 240), preempt_delay=5.0, overlap=0.2), 1)
    world.hosts[1].start()
    world.settle()
    world.monitors.quiet = False
    world.hosts[0].start()
    begun = world.timeline.now
    world.settle()
    moved = next(at for at, host, t in world.monitors.transitions if host == 0 and t.new is State.MASTER)
    assert 5.0 < moved - begun < 5.0 + master_down_interval(250, 1.0) + 2.0


def test_all_unfit_the_vip_stays_served() -> None:
    world = started(Plan((250, 240, 230), overlap=0.2))
    for host in world.hosts:
        host.set_check("check0", good=False)
    world.run(4.1)
    assert world.one_holder_number() is not None


def test_a_flush_of_many_vips_is_one_act_and_mended_in_place() -> None:
    vips = tuple(IPv4Interface(f"10.77.1.{n}/32") for n in range(12))
    world = started(Plan((250, 240), vips=vips, overlap=0.2))
    world.monitors.quiet = True
    for vip in vips:
        world.hosts[0].kernel.delete(vip)
    world.run(0.1)
    assert set(world.hosts[0].kernel.ours) == set(vips)


def test_a_fight_over_the_vip_ends_in_fault() -> None:
    world = started(Plan((250, 240), overlap=0.2))
    (vip,) = world.plan.vips
    for _ in range(10):
        world.hosts[0].kernel.delete(vip)
        world.run(0.3)
    assert world.hosts[0].state is State.FAULT
    world.run(4.0)
    assert world.one_holder_number() == 1


def test_a_frozen_master_loses_the_vip_and_listens_when_it_wakes() -> None:
    world = started(Plan((250, 240), overlap=2.45))
    world.hosts[0].freeze()
    world.run(2.5)
    assert not world.hosts[0].kernel.ours
    world.run(7.5)
    world.hosts[0].thaw()
    world.run(0.01)
    assert world.monitors.transitions[-1][2].reason is Reason.STALL
    assert world.one_holder_number() == 1
    world.settle()


def test_nonsense_on_the_wire_moves_nothing() -> None:
    world = started(Plan((250, 240), overlap=0.2))
    world.monitors.quiet = True
    for n in range(2000):
        world.timeline.after(
            n * 0.001, lambda: world.junk(world.hosts[1], b"\x31\x33\xff\x01", 255, GROUP_V4)
        )
    world.run(5.0)
    assert world.one_holder() is world.hosts[0]


@pytest.mark.parametrize("hosts", [None, PAIR])
@pytest.mark.parametrize("interval_cs", [10, 100])
def test_a_flood_of_resignations_in_the_masters_name_starts_an_election_in_a_master_down_interval(
    interval_cs: int, hosts: int | None
) -> None:
    world = started(Plan((250, 240, 230), interval_cs=interval_cs, hosts=hosts, overlap=inf))
    interval, seconds = world.plan.interval, 20 * world.plan.interval
    before = len(world.monitors.transitions)
    for n in range(2000):
        world.timeline.after(n * seconds / 2000, lambda: world.forge(world.hosts[0], 0))
    world.run(seconds)
    for number in (1, 2):
        taken = [
            t
            for _, host, t in world.monitors.transitions[before:]
            if host == number and t.new is State.MASTER
        ]
        priority = world.plan.priorities[number]
        assert len(taken) <= seconds / master_down_interval(priority, interval) + 1
    world.run(2 * interval)
    assert world.one_holder() is world.hosts[0]


def test_of_three_hosts_that_call_themselves_two_both_backups_act_at_once_and_the_lower_yields() -> None:
    world = started(Plan((250, 240, 230), hosts=PAIR, overlap=0.2))
    before = len(world.monitors.transitions)
    world.hosts[0].stop()
    world.run(1.5)
    moved = [(host, t.new, t.reason) for _, host, t in world.monitors.transitions[before:]]
    assert sorted(moved, key=lambda move: move[0]) == [
        (0, State.INIT, Reason.SHUTDOWN),
        (1, State.MASTER, Reason.PRIORITY_ZERO),
        (2, State.MASTER, Reason.PRIORITY_ZERO),
        (2, State.BACKUP, Reason.HIGHER_PRIORITY),
    ]
    assert world.one_holder_number() == 1
    lower = world.hosts[2].node
    assert lower is not None
    assert len(lower.snapshot(world.hosts[2].clock).routers[0].other_hosts) == 2


@pytest.mark.parametrize("hosts", [None, PAIR])
def test_a_pair_that_is_unfit_hands_over_at_once_only_if_it_knows_that_it_is_one(hosts: int | None) -> None:
    world = started(Plan((250, 240), hosts=hosts, overlap=0.2))
    world.hosts[1].set_check("check0", good=False)
    world.run(2.0)
    world.hosts[0].set_check("check0", good=False)
    world.run(0.1)
    assert world.one_holder_number() == (1 if hosts else None)
    world.run(1.1)
    assert world.one_holder_number() == 1


def test_whoever_resigned_serves_again_after_an_interval_if_nobody_else_can() -> None:
    world = started(Plan((250, 240), overlap=0.2))
    world.hosts[1].kill()
    world.run(1.0)
    world.hosts[0].set_check("check0", good=False)
    world.run(0.9)
    assert world.one_holder_number() is None
    world.run(1.3)
    assert world.one_holder_number() == 0
