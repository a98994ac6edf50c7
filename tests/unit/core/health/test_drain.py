"""An operator keeps the VIPs away from a host: they go in order, and come back when that ends."""

from math import inf

import pytest

from sidecar.core.events import Started, VipsDropped
from sidecar.core.health.drain import Drain
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.health.params import DampingParams
from tests.unit.core.stage import DROPPED, LINK, backup, feed, heard, kinds, master, moves, node, state

FIT = EffectivePriority(200, fit=True, reasons=("check gateway (-20): lost",))
FOR_A_MINUTE = DrainAsked(70.0, "drained for a minute")


def test_who_is_drained_contends_below_everybody_who_is_fit_and_says_why() -> None:
    drain = Drain()
    assert drain.judge(FIT, 10.0) is FIT
    drain.hear(FOR_A_MINUTE)
    drained = drain.judge(FIT, 10.0)
    assert (drained.priority, drained.fit, drained.drained) == (1, False, True)
    assert drained.reasons == ("drained for a minute", "check gateway (-20): lost")


def test_a_drain_ends_by_itself_when_it_is_taken_back_or_never() -> None:
    drain = Drain()
    assert drain.deadline(0.0) == inf
    drain.hear(FOR_A_MINUTE)
    assert (drain.deadline(10.0), drain.deadline(70.0)) == (70.0, inf)
    assert drain.judge(FIT, 70.0) is FIT
    drain.hear(DrainAsked(inf, "drained"))
    assert drain.under_way(1e9)
    drain.hear(UndrainAsked())
    assert drain.judge(FIT, 10.0) is FIT


def test_a_master_that_is_drained_gives_the_vip_up_and_then_says_so() -> None:
    drained = master(200)
    left = drained.step([FOR_A_MINUTE], 10.5)
    assert moves(left) == [("MASTER", "BACKUP", "drain")]
    assert kinds(left) == ["DropVips"]
    assert kinds(drained.step([VipsDropped("web")], 10.6)) == ["SendAdvert(0)"]
    assert drained.snapshot(10.6).drained_until == 70.0


def test_who_is_drained_preempts_nobody_until_the_end_and_the_node_wakes_for_it() -> None:
    drained = backup(200)
    drained.step([FOR_A_MINUTE], 1.0)
    for second in range(1, 70):
        assert not moves(drained.step([heard(100)], float(second)))
    assert drained.deadline <= 70.0
    drained.step([], 70.0)
    assert drained.snapshot(70.0).drained_until is None
    assert drained.snapshot(70.0).routers[0].effective_priority == 200


def test_who_is_drained_serves_if_nobody_else_does() -> None:
    drained = backup(200)
    alone = feed(drained, (1.0, [FOR_A_MINUTE]), (5.5, []))
    assert kinds(alone) == ["HoldVips"]


def test_a_drain_that_is_known_at_the_start_counts_before_anything_else() -> None:
    drained = node(255)
    feed(drained, (0.0, [DrainAsked(inf, "drained"), LINK, Started()]), (0.0, [DROPPED]))
    assert drained.snapshot(0.0).routers[0].effective_priority == 1
    assert not kinds(feed(drained, (0.1, [heard(100)]), (1.0, [heard(100)]), (2.0, [heard(100)])))


@pytest.mark.parametrize("ended", [UndrainAsked(), DrainAsked(0.0, "over")])
def test_to_be_drained_is_no_failure_that_costs_anything_afterwards(
    ended: UndrainAsked | DrainAsked,
) -> None:
    host = backup(200, damping=DampingParams(free=0, hold=100, most=1000, forget=1000))
    for second in range(5):
        feed(host, (second + 0.1, [heard(100), FOR_A_MINUTE]), (second + 0.2, [ended]))
    assert host.snapshot(6.0).routers[0].held_until is None
    assert state(host) == "BACKUP"
