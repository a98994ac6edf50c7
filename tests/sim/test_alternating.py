"""Two hosts that fail in turn, never both: hold-downs and sick neighbours must not cost more than they save.

The same failures happen to the same pair with `damping: false`, with the default damping, and with
`hosts: 2`. What counts is how long the VIP was somewhere, and how often it moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from sidecar.core.health.params import DampingParams
from sidecar.core.params import PAIR
from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.world import Plan, World

SECONDS = 90.0
HALF_A_POINT = 0.005 * SECONDS
SEEDS = range(15)
INTERVAL = 100
FEWER = 5
"""Seeds at shorter intervals, which have ten times as many adverts."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A host is unfit from `begin` to `end`, seconds of the run."""

    host: int
    begin: float
    end: float


def in_turn(seed: int) -> list[Outage]:
    """The two hosts fail alternately every 1 to 3 s, each well again before the other one fails."""
    rng = Random(f"in turn {seed}")  # noqa: S311  # repeatable misfortune
    found, now, host = list[Outage](), rng.uniform(1, 3), rng.randrange(2)
    while now < SECONDS:
        until = now + rng.uniform(1, 3)
        found.append(Outage(host, now, now + rng.uniform(0.1, 0.95) * (until - now)))
        now, host = until, 1 - host
    return found


def at_random(seed: int) -> list[Outage]:
    """Failures of either host, of any length, also of both at once."""
    rng = Random(f"at random {seed}")  # noqa: S311
    found = list[Outage]()
    for host in range(2):
        now = rng.uniform(0, 5)
        while now < SECONDS:
            until = now + rng.expovariate(1 / 2)
            found.append(Outage(host, now, until))
            now = until + rng.expovariate(1 / 4)
    return found


@dataclass(slots=True)
class Seen:
    """The outcome: seconds without any VIP, and which hosts became MASTER, in order."""

    missing: float = 0.0
    masters: list[int] = field(default_factory=list)


def run(plan: Plan, outages: list[Outage], seed: int) -> Seen:
    world = World(plan, seed)
    for host in world.hosts:
        host.start()
    world.settle()
    world.monitors.quiet = False
    seen, gone_at = Seen(), list[float]()
    begun, before = world.timeline.now, len(world.monitors.transitions)

    def recount() -> None:
        world.monitors.recount()
        held = any(host.kernel.ours for host in world.hosts)
        if held and gone_at:
            seen.missing += world.timeline.now - gone_at.pop()
        elif not held and not gone_at:
            gone_at.append(world.timeline.now)

    for host in world.hosts:
        host.kernel.changed = recount
    for outage in outages:
        sick = partial(_set, world.hosts[outage.host], good=False)
        well = partial(_set, world.hosts[outage.host], good=True)
        world.timeline.at(begun + outage.begin, sick)
        world.timeline.at(begun + outage.end, well)
    world.run(SECONDS + 10)
    moved = world.monitors.transitions[before:]
    seen.masters = [number for _, number, move in moved if move.new is State.MASTER]
    return seen


def _set(host: Host, *, good: bool) -> None:
    host.set_check("check0", good=good)


def plan(interval_cs: int, damping: DampingParams | None, hosts: int | None = None) -> Plan:
    return Plan((250, 240), interval_cs=interval_cs, damping=damping, hosts=hosts, overlap=0.2)


@pytest.mark.parametrize("interval_cs", [10, 100, 300])
@pytest.mark.parametrize("hosts", [None, PAIR])
def test_two_hosts_that_fail_in_turn_serve_as_much_as_without_damping_and_move_no_more(
    interval_cs: int, hosts: int | None
) -> None:
    for seed in SEEDS[: FEWER if interval_cs < INTERVAL else None]:
        outages = in_turn(seed)
        free = run(plan(interval_cs, None, hosts), outages, seed)
        damped = run(plan(interval_cs, DampingParams(), hosts), outages, seed)
        assert damped.missing <= free.missing + HALF_A_POINT, seed
        assert len(damped.masters) <= len(free.masters), seed


@pytest.mark.parametrize("failures", [in_turn, at_random])
def test_of_two_hosts_no_resignation_costs_a_wait(failures: Callable[[int], list[Outage]]) -> None:
    """With `hosts: 2` the VIP is away for what kernel and LAN need, whatever both hosts have behind them."""
    for seed in SEEDS:
        outages = failures(seed)
        seen = run(plan(100, DampingParams(), PAIR), outages, seed)
        assert seen.missing <= 0.03 * (len(seen.masters) + 1), seed


def test_each_move_of_a_damped_pair_has_a_failure_of_the_host_that_served() -> None:
    """The bound: no more moves than failures, and one for the return after the last hold-down."""
    for seed in SEEDS:
        outages = in_turn(seed)
        seen = run(plan(10, DampingParams(hold=SECONDS, most=SECONDS), PAIR), outages, seed)
        assert len(seen.masters) <= len(outages) + 1, seed


def test_a_crash_loop_moves_the_vip_once_and_never_back() -> None:
    for interval_cs in (10, 100):
        loop = [Outage(0, 2.0 * n, 2.0 * n + 0.5) for n in range(1, 44)]
        assert run(plan(interval_cs, DampingParams()), loop, 1).masters[:1] == [1]
        assert len(run(plan(interval_cs, DampingParams()), loop, 1).masters) == 1
