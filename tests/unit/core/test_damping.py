"""Flap damping: who fails again and again must stay well for a while."""

from sidecar.core.damping import HELD_PRIORITY, Damping
from sidecar.core.events import CheckReported, CheckResult, Event, Outcome, Started, VipsDropped, VipsHeld
from sidecar.core.fitness import Fitness
from sidecar.core.node import Node
from sidecar.core.params import CheckParams, DampingParams, NodeParams
from tests.unit.core.stage import LINK, heard, moves, router

PARAMS = DampingParams(free=2, hold=10, most=60, forget=600)
FIT = Fitness(200, fit=True)
SICK = Fitness(1, fit=False, reasons=("nginx",))


def failed(times: int, every: float = 4.0) -> Damping:
    """Well since 0; failed at 0, `every`, ... for half of the time each."""
    damping = Damping(PARAMS)
    for n in range(times):
        damping.judge(FIT, n * every)
        damping.judge(SICK, n * every)
    return damping


def test_the_first_failures_are_free() -> None:
    for times in (0, 1, 2):
        assert failed(times).judge(FIT, 10.0) == FIT


def test_each_further_failure_doubles_the_hold_down_up_to_the_most() -> None:
    waits = [failed(times).until - (times - 1) * 4.0 for times in range(3, 8)]
    assert waits == [10, 20, 40, 60, 60]


def test_a_held_node_ranks_above_the_sick_and_below_the_fit_and_says_why() -> None:
    held = failed(3).judge(FIT, 9.0)
    assert (held.priority, held.fit, held.held_until) == (HELD_PRIORITY, False, 18.0)
    assert held.reasons == ("healthy again, held down for 9 s after 3 failures",)
    assert SICK.priority < held.priority < 240


def test_the_hold_down_ends_by_itself() -> None:
    damping = failed(3)
    damping.judge(FIT, 9.0)
    assert damping.deadline == 18.0
    assert damping.judge(FIT, 18.0) == FIT
    assert damping.deadline == float("inf")


def test_a_sick_node_has_no_deadline_and_is_never_called_held() -> None:
    damping = failed(3)
    assert damping.judge(SICK, 9.0) == SICK
    assert damping.deadline == float("inf")


def test_a_quiet_time_forgets() -> None:
    damping = failed(5)
    damping.judge(FIT, 100.0)
    damping.judge(SICK, 700.0)
    assert damping.failures == 1
    assert damping.judge(FIT, 701.0) == FIT


def test_without_parameters_nothing_is_damped() -> None:
    damping = Damping(None)
    for n in range(50):
        damping.judge(FIT, n)
        damping.judge(SICK, n)
    assert damping.judge(FIT, 50.0) == FIT


def check(*, good: bool) -> CheckReported:
    outcome = Outcome.PASS if good else Outcome.FAIL
    return CheckReported("nginx", CheckResult(outcome, "crashed", decisive=True))


def failovers(damping: DampingParams | None) -> int:
    """How often a node gives the VIP away while its check is down for ten seconds of every twenty."""
    checks = (CheckParams("nginx", "process"),)
    node = Node(NodeParams("a", (router(200, checks=("nginx",), damping=damping),), checks), 0.0)
    node.step([LINK, Started(), check(good=True)], 0.0)
    node.step([VipsDropped("web")], 0.0)
    left = 0
    for tenth in range(1, 3000):
        now = tenth / 10
        events: list[Event] = [check(good=tenth % 200 < 100)] if tenth % 100 == 0 else []
        if node.snapshot(now).routers[0].state != "MASTER":
            events.append(heard(100))
        moved = [*moves(node.step(events, now)), *moves(node.step([VipsHeld("web", now)], now))]
        node.step([VipsDropped("web")], now)
        left += ("MASTER", "BACKUP", "health") in moved
    return left


def test_a_crash_loop_costs_few_failovers() -> None:
    assert failovers(None) == 15
    assert failovers(PARAMS) == 4


def test_the_node_wakes_when_the_hold_down_ends() -> None:
    params = NodeParams(
        "a", (router(200, checks=("nginx",), damping=PARAMS),), (CheckParams("nginx", "process"),)
    )
    node = Node(params, 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([VipsDropped("web")], 0.0)
    for n in range(3):
        node.step([check(good=True)], n + 0.1)
        node.step([check(good=False)], n + 0.5)
    node.step([check(good=True), heard(210)], 3.0)
    for second in range(4, 13):
        node.step([heard(210)], float(second))
        assert node.snapshot(0.0).routers[0].effective_priority == HELD_PRIORITY
    assert node.deadline == 12.5
    node.step([], 12.5)
    assert node.snapshot(12.5).routers[0].effective_priority == 200


def test_a_master_that_is_held_down_and_falls_sick_again_resigns() -> None:
    """It serves because nobody better does; that is no reason to go on when its own nginx dies."""
    params = NodeParams(
        "a", (router(200, checks=("nginx",), damping=PARAMS),), (CheckParams("nginx", "process"),)
    )
    node = Node(params, 0.0)
    node.step([LINK, Started(), check(good=True)], 0.0)
    node.step([VipsDropped("web")], 0.0)
    for n in range(3):
        node.step([check(good=False)], n + 0.1)
        node.step([check(good=True)], n + 0.2)
    for at in (7.0, 7.1):
        node.step([VipsHeld("web", at)], at)
    held = node.snapshot(7.1).routers[0]
    assert (held.state, held.effective_priority) == ("MASTER", HELD_PRIORITY)
    assert moves(node.step([check(good=False)], 7.2)) == [("MASTER", "BACKUP", "health")]
