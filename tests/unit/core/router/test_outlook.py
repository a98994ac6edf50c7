"""The next step of a router in each situation. That it comes true is proven by tests/sim/test_forecast.py."""

from math import inf

import pytest

from sidecar.core.events import StopRequested, VipsHeld
from sidecar.core.health.drain_events import DrainAsked
from sidecar.core.health.params import DampingParams
from sidecar.core.node import Node
from sidecar.core.params import master_down_interval
from sidecar.core.snapshot import Outlook, Step
from tests.unit.core.router.test_sync_group import DOWN1, advert
from tests.unit.core.router.test_sync_group import pair as group
from tests.unit.core.stage import DOWN, LINK, backup, heard, master, node

WAIT = master_down_interval(100, 1.0)


def outlook(of: Node, now: float, index: int = 0) -> Outlook:
    return of.snapshot(now).routers[index].outlook


def after(*priorities: tuple[float, int], **more: object) -> Node:
    """A backup of priority 100 that has heard the peer at these times with these priorities."""
    made = backup(100, **more)
    for at, priority in priorities:
        made.step([heard(priority)], at)
    return made


def test_from_the_start_to_the_end() -> None:
    assert outlook(node(), 0.0) == Outlook(Step.STARTS)
    assert outlook(backup(), 0.0) == Outlook(Step.TAKES_OVER, WAIT)
    serving = master(at=10.0)
    assert outlook(serving, 10.0) == Outlook(Step.SERVES)
    serving.step([StopRequested("asked to stop")], 10.1)
    assert outlook(serving, 10.1) == Outlook(Step.STOPS)


def test_a_takeover_that_waits_for_the_kernel_is_due_since_it_was_decided() -> None:
    waiting = backup()
    waiting.step([], 4.0)
    assert outlook(waiting, 4.2) == Outlook(Step.TAKES_OVER, 4.0)
    waiting.step([VipsHeld("web", 4.0, "EPERM")], 4.3)
    assert outlook(waiting, 4.3).step is Step.ASKS_KERNEL


@pytest.mark.parametrize(
    ("more", "priority", "expected"),
    [
        ({}, 200, Outlook(Step.FOLLOWS)),
        ({}, 100, Outlook(Step.FOLLOWS)),
        ({"preempt": False}, 50, Outlook(Step.FOLLOWS)),
        ({}, 50, Outlook(Step.TAKES_OVER, WAIT)),
        ({"preempt": False}, 1, Outlook(Step.TAKES_OVER, WAIT)),
        ({"preempt_delay": 5.0}, 50, Outlook(Step.PREEMPT_DELAY, 6.0)),
        ({"startup_delay": 30.0}, 50, Outlook(Step.STARTUP_DELAY, 27.0 + WAIT)),
        ({"startup_delay": 30.0, "preempt": False}, 1, Outlook(Step.STARTUP_DELAY, 27.0 + WAIT)),
    ],
)
def test_beside_a_master_that_goes_on(more: dict[str, object], priority: int, expected: Outlook) -> None:
    assert outlook(after((1.0, priority), **more), 1.5) == expected


def test_also_a_master_that_lowers_itself_is_replaced_after_the_startup_delay_alone() -> None:
    lowered = after((1.0, 200), (2.0, 50), startup_delay=30.0)
    assert outlook(lowered, 2.5) == Outlook(Step.STARTUP_DELAY, 27.0 + WAIT)


def test_a_master_that_is_silent_for_two_intervals_is_not_expected_to_go_on() -> None:
    following = after((1.0, 200))
    assert outlook(following, 2.9) == Outlook(Step.FOLLOWS)
    assert outlook(following, 3.1) == Outlook(Step.TAKES_OVER, 1.0 + WAIT)


def test_a_master_that_resigned_is_replaced_after_the_skew() -> None:
    left = after((1.0, 200), (2.0, 0))
    assert outlook(left, 2.1) == Outlook(Step.TAKES_OVER, 2.0 + WAIT - 3.0)


def test_a_fault_that_is_seen_ends_by_itself_alone() -> None:
    broken = backup()
    broken.step([DOWN], 1.0)
    assert outlook(broken, 1.0) == Outlook(Step.FAULT)


def test_to_be_asked_changes_nothing() -> None:
    asked, unasked = (after((1.0, 50), preempt_delay=5.0) for _ in range(2))
    for _ in range(3):
        outlook(asked, 1.5)
    for of in (asked, unasked):
        of.step([heard(50)], 2.0)
    assert asked.deadline == unasked.deadline
    assert asked.snapshot(2.0) == unasked.snapshot(2.0)


def test_routers_of_a_group_take_over_when_the_last_of_them_can() -> None:
    both = group()
    assert {outlook(both, 0.0, index).at for index in (0, 1)} == {WAIT}
    both.step([advert(52, 50)], 1.0)
    assert outlook(both, 1.0, 0).step is Step.TAKES_OVER
    both.step([advert(52, 200)], 1.5)
    assert outlook(both, 1.5, 0) == Outlook(Step.SYNC_GROUP)
    assert outlook(both, 1.5, 1) == Outlook(Step.FOLLOWS)


def test_the_later_silence_decides_when_a_group_takes_over() -> None:
    both = group()
    both.step([advert(52, 200)], 1.0)
    assert {outlook(both, 3.5, index) for index in (0, 1)} == {Outlook(Step.TAKES_OVER, 1.0 + WAIT)}


def test_a_router_in_fault_keeps_its_group_waiting() -> None:
    both = group()
    both.step([DOWN1], 1.0)
    assert (outlook(both, 1.0, 0), outlook(both, 1.0, 1)) == (Outlook(Step.SYNC_GROUP), Outlook(Step.FAULT))


def test_no_moment_is_infinite_where_one_is_shown() -> None:
    of = after((1.0, 50))
    assert outlook(of, 1.0).at not in (None, inf, -inf)


def held_down(priority: int, hold: float) -> Node:
    """A backup since second 2, held down for so long since second 1, when its interface was down."""
    made = backup(priority, damping=DampingParams(free=0, hold=hold))
    made.step([DOWN], 1.0)
    made.step([LINK], 2.0)
    return made


def test_the_owner_of_the_addresses_takes_over_when_its_hold_down_ends_and_waits_for_no_silence() -> None:
    silence = 2.0 + master_down_interval(255, 1.0)
    for hold, at in ((2.0, 3.0), (30.0, silence)):
        assert outlook(held_down(255, hold), 2.5) == Outlook(Step.TAKES_OVER, at)
    assert outlook(held_down(100, 2.0), 2.5) == Outlook(Step.TAKES_OVER, 2.0 + WAIT)
    beside_the_sick = held_down(255, 2.0)
    beside_the_sick.step([heard(1)], 2.2)
    assert outlook(beside_the_sick, 2.5) == Outlook(Step.TAKES_OVER, 3.0)


def test_a_refusal_of_the_kernel_does_not_hide_a_hold_down_that_ends_by_itself() -> None:
    refused = backup(100, damping=DampingParams(free=0, hold=30.0))
    refused.step([], 4.0)
    refused.step([VipsHeld("web", 4.0, "EPERM")], 4.1)
    refused.step([heard(50)], 4.5)
    shown = outlook(refused, 4.6)
    assert (shown.step, shown.failures) == (Step.HELD_DOWN, 1)
    refused.step([heard(200)], 5.0)
    assert outlook(refused, 5.1) == Outlook(Step.FAULT)


def test_a_master_of_before_a_resignation_is_not_expected_to_go_on() -> None:
    left = after((1.0, 50))
    left.step([], WAIT)
    left.step([VipsHeld("web", asked_at=WAIT)], WAIT)
    left.step([DrainAsked(inf, "asked to")], WAIT + 0.1)
    shown = outlook(left, WAIT + 0.2)
    assert shown.step is Step.TAKES_OVER
    left.step([heard(50)], WAIT + 0.3)
    assert outlook(left, WAIT + 0.4) == Outlook(Step.FOLLOWS)
