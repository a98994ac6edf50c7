"""Flap damping: a node that fails again and again must stay well for a while before it preempts."""

import pytest

from sidecar.core.actions import DropVips, HoldVips, TrySending
from sidecar.core.events import (
    Event,
    SendTried,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health.damping import Damping
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, master_down_interval, skew
from sidecar.core.priorities import OWNER
from tests.unit.core.stage import LINK, feed, heard, moves, router, state, verdict

PARAMS = DampingParams(free=2, hold=10, most=60, forget=600)
FIT = EffectivePriority(200, fit=True)
SICK = EffectivePriority(1, fit=False, reasons=("nginx",))


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


@pytest.mark.parametrize("before", [FIT, SICK], ids=["well", "sick"])
def test_a_node_that_is_sick_after_nothing_was_known_of_it_has_not_failed(before: EffectivePriority) -> None:
    damping = failed(1)
    damping.judge(before, 10.0)
    damping.forget_fitness()
    damping.judge(SICK, 20.0)
    assert damping.failures == 1


def test_a_held_node_is_fit_keeps_its_priority_and_says_why_it_is_held() -> None:
    held = failed(3).judge(FIT, 9.0)
    assert (held.priority, held.fit, held.held, held.held_until) == (200, True, True, 18.0)
    assert held.reasons == ("healthy again, held down for 9 s after 3 failures",)


def test_the_hold_down_ends_by_itself() -> None:
    damping = failed(3)
    assert damping.judge(FIT, 9.0).held
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


def check(*, good: bool) -> CheckVerdict:
    return verdict("nginx", up=good, detail="crashed")


def failovers(damping: DampingParams | None) -> int:
    """How often a node gives the VIP away while its check is down for ten seconds of every twenty."""
    checks = (CheckParams("nginx", "process"),)
    node = Node(NodeParams("a", (router(200, checks=("nginx",), damping=damping),), checks), 0.0)
    node.step([LINK, Started(), check(good=True)], 0.0)
    node.step([VipsDropped("web")], 0.0)
    left = 0
    for half in range(1, 600):
        now = half / 2
        events: list[Event] = [check(good=half % 40 < 20)] if half % 20 == 0 else []
        if node.snapshot(now).routers[0].state != "MASTER":
            events.append(heard(100))
        answers: tuple[list[Event], ...] = (events, [SendTried("web")], [VipsHeld("web", now)])
        moved = [move for told in answers for move in moves(node.step(told, now))]
        node.step([VipsDropped("web")], now)
        left += ("MASTER", "BACKUP", "health") in moved
    return left


def test_a_crash_loop_costs_few_failovers() -> None:
    assert failovers(None) == 15
    assert failovers(PARAMS) == 4


def answered(node: Node, events: list[Event], now: float) -> None:
    """One step; the kernel does what is asked of it."""
    for action in node.step(events, now):
        if isinstance(action, HoldVips):
            node.step([VipsHeld("web", now)], now)
        elif isinstance(action, DropVips):
            node.step([VipsDropped("web")], now)
        elif isinstance(action, TrySending):
            answered(node, [SendTried("web")], now)


def held_down(priority: int = 200, at: float = 2.6, **more: object) -> Node:
    """A node that is held down until 12.5 (failed at 0.5, 1.5 and 2.5) and well since `at`."""
    settings = router(priority, checks=("nginx",), damping=PARAMS, **more)
    node = Node(NodeParams("a", (settings,), (CheckParams("nginx", "process"),)), 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([VipsDropped("web")], 0.0)
    for n in range(3):
        answered(node, [check(good=True)], n + 0.1)
        answered(node, [check(good=False)], n + 0.5)
    answered(node, [check(good=True), heard(100)], at)
    assert node.snapshot(at).routers[0].held_until == 12.5
    return node


@pytest.mark.parametrize("priority", [200, OWNER])
@pytest.mark.parametrize("theirs", [2, 100, 199])
def test_a_held_node_does_not_preempt_until_its_hold_down_ends(priority: int, theirs: int) -> None:
    node = held_down(priority)
    for second in range(3, 13):
        assert moves(node.step([heard(theirs)], float(second))) == []
        assert node.snapshot(second).routers[0].effective_priority == priority
    assert node.deadline == 12.5
    answered(node, [], 12.5)
    assert node.snapshot(12.5).routers[0].held_until is None
    if priority != OWNER:
        node.step([heard(theirs)], 13.0)
        answered(node, [], 12.0 + master_down_interval(200, 1.0))
    assert state(node) == "MASTER"


def test_a_held_node_leaves_a_master_alone_that_lowers_itself_by_weights() -> None:
    node = held_down()
    node.step([heard(240)], 3.0)
    node.step([heard(190)], 4.0)
    assert node.deadline == 4.0 + master_down_interval(200, 1.0)


def test_a_hold_down_that_begins_while_a_lesser_master_is_outwaited_stops_the_preemption() -> None:
    node = held_down()
    for at in (*range(3, 13), 12.5, 13.0, 14.0):
        node.step([heard(100)] if at != 12.5 else [], at)
    assert node.deadline == 12.0 + master_down_interval(200, 1.0)
    node.step([check(good=False)], 14.1)
    node.step([check(good=True)], 14.2)
    assert node.snapshot(14.2).routers[0].held_until == 14.1 + 20.0
    assert node.deadline == 14.0 + master_down_interval(200, 1.0)


def test_so_it_does_between_two_adverts_of_a_lesser_master_that_are_far_apart() -> None:
    node = held_down()
    for at in range(3, 13):
        node.step([heard(100)], at)
    feed(node, (12.5, []), (13.0, [heard(100, interval_cs=500)]))
    assert node.deadline == 12.0 + master_down_interval(200, 1.0)
    feed(node, (14.1, [check(good=False)]), (14.2, [check(good=True)]))
    assert node.snapshot(14.2).routers[0].held_until == 14.1 + 20.0
    assert node.deadline == 13.0 + master_down_interval(200, 5.0)


def test_a_held_node_takes_over_from_a_master_that_resigns_after_its_usual_skew() -> None:
    node = held_down()
    node.step([heard(0)], 3.0)
    assert node.deadline == 3.0 + skew(200, 1.0)


def test_a_held_node_replaces_a_master_that_is_unfit() -> None:
    node = held_down()
    node.step([heard(1)], 3.0)
    assert node.deadline == 2.6 + master_down_interval(200, 1.0)


def test_the_preempt_delay_begins_after_the_hold_down() -> None:
    node = held_down(preempt_delay=5.0)
    for at in (*range(3, 13), 12.5, *range(13, 18)):
        node.step([heard(100)], float(at))
    assert node.deadline == 17.0 + master_down_interval(200, 1.0)
    node.step([heard(100)], 18.0)
    assert node.deadline == 17.0 + master_down_interval(200, 1.0)


def test_a_master_that_is_held_down_and_falls_sick_again_resigns() -> None:
    node = held_down()
    node.step([heard(0)], 3.0)
    for at in (3.0 + skew(200, 1.0), 4.0):
        node.step([VipsHeld("web", at)], at)
    held = node.snapshot(4.0).routers[0]
    assert (held.state, held.effective_priority, held.held_until) == ("MASTER", 200, 12.5)
    assert moves(node.step([check(good=False)], 4.2)) == [("MASTER", "BACKUP", "health")]
