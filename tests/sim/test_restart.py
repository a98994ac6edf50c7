"""A process that is killed and started again: nobody moves, the VIP stays; each planted bug is caught."""

from collections.abc import Callable
from functools import partial

import pytest

from sidecar.core.state import Adoption
from tests.sim.host.host import Host
from tests.sim.mutants import restart as mutants_restart
from tests.sim.mutants.restart import MUTANTS_OF_A_RESTART
from tests.sim.regimes import RESTARTED
from tests.sim.run import run_seed
from tests.sim.violation import Violation
from tests.sim.world import Plan, World

SEEDS = 10
SEEDS_OF_MUTANTS = 20


def settled(plan: Plan) -> World:
    world = World(plan, 1)
    for host in world.hosts:
        host.start()
    world.settle()
    return world


def restart(world: World, host: Host, after: float, seconds: float) -> None:
    """Kill it after a while, and start it again so many seconds later."""
    world.run(after)
    host.kill()
    world.run(seconds)
    host.start()


@pytest.mark.parametrize("regime", RESTARTED)
def test_seeds(regime: str) -> None:
    for seed in range(SEEDS):
        try:
            run_seed(regime, seed)
        except AssertionError as violation:
            violation.add_note(f"reproduce: run_seed({regime!r}, {seed})")
            raise


@pytest.mark.parametrize("tenths", range(0, 10, 3))
@pytest.mark.parametrize("interval_cs", [60, 100, 300])
def test_a_restart_within_the_lease_moves_nothing(interval_cs: int, tenths: int) -> None:
    world = settled(Plan((250, 240), interval_cs=interval_cs, overlap=0.1))
    host, interval = world.hosts[0], world.plan.interval
    gone = []
    host.kernel.changed = lambda: gone.append(set(host.kernel.ours))
    for _ in range(5):
        lease = host.params.routers[0].lease
        restart(world, host, 5 * interval + tenths * interval / 10, lease - interval - 0.1)
        world.run(3 * interval)
    world.run(11.5)
    assert world.one_holder() is host
    assert gone == []


def test_a_master_that_is_unfit_as_all_are_goes_on_at_its_priority() -> None:
    world = settled(Plan((250, 240), overlap=0.1))
    world.monitors.quiet = False
    for host in world.hosts:
        host.set_check("check0", good=False)
    world.run(8.0)
    number = world.one_holder_number()
    assert number is not None
    world.monitors.quiet = True
    restart(world, world.hosts[number], 0.3, 0.3)
    world.run(6.0)
    assert world.one_holder_number() == number


@pytest.mark.parametrize(
    ("mutate", "situation"),
    [
        (
            mutants_restart.it_is_adopted_at_the_configured_priority,
            test_a_master_that_is_unfit_as_all_are_goes_on_at_its_priority,
        ),
        (
            mutants_restart.who_goes_on_does_not_renew,
            partial(test_a_restart_within_the_lease_moves_nothing, 100, 0),
        ),
    ],
)
def test_situations_catch(
    mutate: Callable[[pytest.MonkeyPatch], None],
    situation: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        situation()


def test_a_restart_after_the_lease_is_as_before() -> None:
    world = settled(Plan((250, 240), overlap=2.8))
    world.monitors.quiet = False
    restart(world, world.hosts[0], 1.0, 2.8)
    world.settle()
    assert world.one_holder() is world.hosts[0]


def test_below_0_6_s_nothing_is_adopted() -> None:
    world = settled(Plan((250, 240), interval_cs=30, overlap=1.8))
    world.monitors.quiet, world.monitors.trace = False, []
    restart(world, world.hosts[0], 1.0, 0.1)
    world.settle()
    decided = [line for line in world.monitors.trace if "AdoptionDecided" in line]
    assert decided
    assert all(str(Adoption.SHORT_INTERVAL) in line for line in decided)


def seeds_to_detect(mutate: Callable[[pytest.MonkeyPatch], None]) -> int:
    for seed in range(SEEDS_OF_MUTANTS):
        for regime in RESTARTED:
            with pytest.MonkeyPatch.context() as patch:
                mutate(patch)
                try:
                    run_seed(regime, seed)
                except Violation:
                    return seed + 1
    return 0


@pytest.mark.parametrize("mutate", MUTANTS_OF_A_RESTART, ids=lambda mutate: mutate.__name__)
def test_the_monitors_catch(mutate: Callable[[pytest.MonkeyPatch], None]) -> None:
    assert seeds_to_detect(mutate), f"nobody noticed in {SEEDS_OF_MUTANTS} seeds"
