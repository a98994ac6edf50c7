"""`startup_delay`: a sidecar that has just been started takes over from nobody, and hears everybody."""

from dataclasses import replace
from math import inf

import pytest

from sidecar.core.node import Node
from sidecar.core.params import NodeParams, master_down_interval, skew
from sidecar.core.snapshot import Outlook, Step
from tests.unit.core.router.test_adoption import NOW, SEEN, begun, left
from tests.unit.core.stage import LINK, backup, heard, kinds, router, state

DELAY = 10.0
WAIT = master_down_interval(100, 1.0)
ENDS = DELAY + skew(100, 1.0)


def outlook(of: Node, now: float) -> Outlook:
    return of.snapshot(now).routers[0].outlook


@pytest.mark.parametrize("priority", [100, 255])
def test_nobody_is_there_and_it_waits_until_the_delay_has_passed(priority: int) -> None:
    waiting = backup(priority, startup_delay=DELAY)
    for moment in (0.0, 4.0, 9.99):
        assert kinds(waiting.step([], moment)) == []
        assert outlook(waiting, moment) == Outlook(Step.STARTUP_DELAY, waiting.deadline)
    assert waiting.deadline == DELAY + skew(priority, 1.0), (
        "of two that boot at once the better one goes first"
    )
    assert kinds(waiting.step([], waiting.deadline)) == ["HoldVips"]


def test_a_master_that_is_heard_meanwhile_is_followed() -> None:
    waiting = backup(startup_delay=DELAY)
    waiting.step([heard(200)], 9.5)
    assert outlook(waiting, 9.5).step is Step.FOLLOWS
    assert waiting.deadline == 9.5 + WAIT
    assert kinds(waiting.step([], ENDS)) == []


def test_a_master_that_resigns_meanwhile_is_replaced_when_the_delay_has_passed() -> None:
    waiting = backup(startup_delay=DELAY)
    waiting.step([heard(200)], 5.0)
    waiting.step([heard(0)], 6.0)
    assert waiting.deadline == ENDS
    late = backup(startup_delay=DELAY)
    late.step([heard(200)], 9.5)
    late.step([heard(0)], 10.5)
    assert late.deadline == 10.5 + skew(100, 1.0)


def test_a_lesser_master_is_preempted_when_the_delay_has_passed() -> None:
    waiting = backup(startup_delay=DELAY)
    for second in range(1, 11):
        assert kinds(waiting.step([heard(50)], float(second))) == []
    assert outlook(waiting, 10.1) == Outlook(Step.STARTUP_DELAY, ENDS)
    assert kinds(waiting.step([], ENDS)) == ["TrySending"], "as before each preemption"


def test_it_counts_from_the_start_of_the_sidecar_also_after_a_reload() -> None:
    waiting = backup(startup_delay=DELAY)
    params = waiting.params.routers[0]
    other = replace(params, name="db", vrid=52, startup_delay=DELAY)
    waiting.exchange(NodeParams("a", (replace(params, startup_delay=5.0), other)), 1.0)
    ends = {
        each.params.name: each.router.startup_ends(each.params, 100) for each in waiting._elections.values()
    }
    assert ends == {"web": 5.0 + skew(100, 1.0), "db": ENDS}


def test_a_sidecar_that_goes_on_where_another_was_killed_does_not_wait() -> None:
    params = router(250, startup_delay=DELAY)
    node = begun(params)
    node.step([LINK, SEEN, left(params)], NOW)
    assert state(node) == "MASTER"
    (election,) = node._elections.values()
    assert election.router.startup_ends(params, 250) == -inf
