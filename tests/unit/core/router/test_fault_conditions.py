"""The end of a FAULT, its cost, and resignations that come late."""

from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Any

import pytest

from sidecar.core.actions import Resigned, VipChanged
from sidecar.core.events import (
    ForeignVip,
    SendTried,
    Started,
    VipAnswered,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.health.damping import Damping
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.health.params import DampingParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, skew
from sidecar.core.router.down_timer import TAKEOVER
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    VIP,
    backup,
    feed,
    heard,
    kinds,
    master,
    moves,
    node,
    router,
    state,
)


def refused(at: float = 4.0) -> Node:
    """In FAULT since `at`: the kernel refused the VIP, and nobody serves."""
    made = backup()
    feed(made, (at, []), (at, [VipsHeld("web", at, "EPERM")]), (at, [DROPPED]))
    return made


def test_time_alone_ends_no_fault_and_a_refused_retry_is_no_transition() -> None:
    made = refused()
    for second in range(5, 30):
        actions = made.step([], float(second))
        assert (kinds(actions), moves(actions)) == (["HoldVips"], [])
        actions = made.step([VipsHeld("web", float(second), "EPERM"), DROPPED], float(second))
        assert (moves(actions), state(made)) == ([], "FAULT")
    assert "EPERM" in made.snapshot(0.0).routers[0].reason


def test_a_master_whose_renewal_is_refused_lets_every_backup_go_first() -> None:
    """It has resigned: the slowest backup serves within an interval, the longest Skew_Time and 0.1 s."""
    made = master(at=10.0)
    feed(made, (11.0, []))
    assert moves(made.step([VipsHeld("web", 11.0, "EPERM")], 11.0)) == [("MASTER", "FAULT", "vip")]
    assert kinds(made.step([DROPPED], 11.0)) == ["SendAdvert(0)"]
    assert kinds(made.step([], 12.05)) == [], "the retry of the kernel is due, and nobody is replaced by it"
    assert made.deadline == pytest.approx(11.0 + 1.0 + skew(100, 1.0) + TAKEOVER)
    assert kinds(made.step([], 12.8)) == ["HoldVips"]


def test_while_another_host_serves_well_the_kernel_is_not_asked() -> None:
    made = refused()
    for tenth in range(50, 600):
        actions = made.step([heard(200)] if tenth % 10 == 0 else [], tenth / 10)
        assert "HoldVips" not in kinds(actions)
    assert state(made) == "FAULT"


def test_a_lesser_master_is_asked_for_less_and_less_often() -> None:
    made, asked = refused(), []
    for tenth in range(50, 3000):
        now = tenth / 10
        actions = made.step([heard(50)] if tenth % 10 == 0 else [], now)
        if "TrySending" in kinds(actions):
            actions = made.step([SendTried("web")], now)
        if "HoldVips" in kinds(actions):
            asked.append(now)
            feed(made, (now, [VipsHeld("web", now, "EPERM")]), (now, [DROPPED]))
    assert 5 <= len(asked) <= 12
    assert asked[-1] - asked[-2] >= 59


def test_what_was_refused_for_something_that_is_seen_to_go_needs_no_request() -> None:
    made = backup()
    feed(made, (4.0, []), (4.0, [VipsHeld("web", 4.0, "somebody has it"), DROPPED]))
    made.step([VipsObserved("web", frozenset(), frozenset({ForeignVip("eth0", VIP)}))], 4.1)
    actions = made.step([VipsObserved("web", frozenset())], 30.0)
    assert moves(actions) == [("FAULT", "BACKUP", "recovered")]


def test_an_obstacle_that_is_seen_ends_a_request_under_way() -> None:
    made = refused()
    assert kinds(made.step([], 5.0)) == ["HoldVips"]
    assert kinds(made.step([DOWN], 5.0)) == ["DropVips"]
    assert kinds(made.step([VipsHeld("web", 5.0)], 5.0)) == []
    assert state(made) == "FAULT"


def test_after_a_fight_one_more_removal_is_enough() -> None:
    made = master(at=10.0)
    for n in range(10):
        at = 10.2 + n * 0.15
        feed(made, (at, [VipsObserved("web", frozenset())]), (at, [VipsHeld("web", at)]))
        made.step([VipsObserved("web", frozenset({VIP}))], at)
    assert state(made) == "FAULT"
    assert (
        "another program of this host keeps removing the VIP from eth0: "
        in made.snapshot(0.0).routers[0].reason
    )
    feed(made, (11.7, [DROPPED, VipsObserved("web", frozenset())]), (70.0, []))
    assert state(made) == "FAULT"
    feed(made, (72.0, []), (72.0, [VipsHeld("web", 72.0)]), (72.0, [VipsObserved("web", frozenset({VIP}))]))
    assert state(made) == "MASTER"
    feed(made, (72.5, [VipsObserved("web", frozenset())]))
    assert state(made) == "FAULT"


def test_a_fault_counts_once_for_damping_also_if_a_check_sees_it_too() -> None:
    made = master(at=10.0, damping=DampingParams(hold=30.0))
    feed(made, (10.5, [DOWN]), (10.5, [DROPPED]), (10.6, [LINK]))
    assert made.snapshot(0.0).routers[0].held_until == pytest.approx(40.5)
    damping = Damping(DampingParams())
    damping.judge(EffectivePriority(200, fit=True), 0.0)
    damping.fault(5.0)
    damping.judge(EffectivePriority(1, fit=False), 5.2)
    assert damping.failures == 1
    damping.judge(EffectivePriority(200, fit=True), 7.0)
    damping.judge(EffectivePriority(1, fit=False), 8.0)
    assert damping.failures == 2


# ---- who has let go says so


def test_a_link_that_is_back_before_anybody_can_have_taken_over_says_so_once() -> None:
    made = master(at=10.0)
    feed(made, (10.5, [DOWN]), (10.5, [DROPPED]))
    actions = made.step([LINK], 10.53)
    assert kinds(actions) == ["SendAdvert(0)"]
    assert any(isinstance(action, Resigned) for action in actions)
    assert kinds(feed(made, (10.6, [DOWN]), (10.7, [LINK]))) == []


def test_if_the_link_is_back_first_the_removal_is_waited_for() -> None:
    made = master(at=10.0)
    assert kinds(feed(made, (10.5, [DOWN]), (10.53, [LINK]))) == ["DropVips"]
    assert kinds(made.step([DROPPED], 10.54)) == ["SendAdvert(0)"]


@pytest.mark.parametrize("priority", [50, 1])
def test_who_was_replaced_meanwhile_says_nothing(priority: int) -> None:
    made = master(at=10.0)
    feed(made, (10.5, [DOWN]), (10.5, [DROPPED]), (10.9, [heard(priority)]))
    assert kinds(made.step([LINK], 11.0)) == []


def test_after_three_intervals_peers_know_better() -> None:
    made = master(at=10.0)
    feed(made, (10.5, [DOWN]), (10.5, [DROPPED]))
    assert kinds(made.step([LINK], 13.0)) == []


def test_a_nap_longer_than_the_lease_is_told_and_one_longer_than_the_peers_patience_is_not() -> None:
    for slept, said in ((2.5, ["SendAdvert(0)"]), (3.5, [])):
        made = master(at=10.0)
        assert moves(made.step([], 10.0 + slept)) == [("MASTER", "BACKUP", "stall")]
        assert kinds(made.step([DROPPED], 10.0 + slept)) == said


def test_what_arrived_during_a_nap_is_heard_first() -> None:
    made = master(at=10.0)
    made.step([heard(200)], 12.5)
    assert kinds(made.step([DROPPED], 12.5)) == []


def test_a_sweep_that_finds_vips_is_told_and_one_that_finds_none_is_not() -> None:
    for removed, said in ((frozenset({VIP}), ["SendAdvert(0)"]), (frozenset[IPv4Interface](), [])):
        made = node()
        made.step([LINK, Started()], 0.0)
        actions = made.step([VipsDropped("web", removed=removed)], 0.0)
        assert kinds(actions) == said
        assert (VipChanged("web", "leftover", (VIP,)) in actions) is bool(said)


def test_below_a_lease_that_outlasts_the_peers_patience_a_sweep_says_nothing() -> None:
    made = node(interval_cs=10)
    made.step([LINK, Started()], 0.0)
    assert kinds(made.step([VipsDropped("web", removed=frozenset({VIP}))], 0.0)) == []


def test_a_sweep_that_succeeds_late_and_for_nobody_is_not_told() -> None:
    made = node()
    made.step([LINK, Started()], 0.0)
    made.step([VipsDropped("web", "EBUSY", frozenset({VIP}))], 0.0)
    made.step([], 0.1)
    assert kinds(made.step([DROPPED], 0.1)) == ["SendAdvert(0)"]


def test_a_host_that_has_not_served_yet_holds_back_beside_an_unknown_machine_until_that_is_silent() -> None:
    made, why = backup(), "another machine answers for 10.77.0.100"
    assert moves(made.step([VipAnswered("web", why)], 1.0)) == [("BACKUP", "FAULT", "vip")]
    assert made.snapshot(1.0).routers[0].reason == why
    assert kinds(made.step([], 60.0)) == []
    assert moves(made.step([VipAnswered("web", "")], 61.0)) == [("FAULT", "BACKUP", "recovered")]
    actions = feed(made, (61.5, []), (66.0, []))
    assert "HoldVips" in kinds(actions)


def test_a_machine_that_answers_takes_no_vip_from_a_host_that_serves_or_is_about_to() -> None:
    serving, asking = master(at=10.0), backup()
    feed(asking, (4.0, []))
    for made, now in ((serving, 11.0), (asking, 4.0)):
        assert moves(made.step([VipAnswered("web", "somebody")], now)) == []
    assert state(serving) == "MASTER"
    assert moves(asking.step([VipsHeld("web", 4.0)], 4.1)) == [("BACKUP", "MASTER", "master_down_timer")]


@pytest.mark.parametrize("more", [{"name": "www", "refuse_answered": True}, {"name": "www"}, {}], ids=str)
def test_a_reload_after_which_nobody_would_say_that_the_machine_is_silent_ends_that_fault(
    more: dict[str, Any],
) -> None:
    """A watch knows a router by its name: under another one it begins anew."""
    made = backup(refuse_answered=True)
    made.step([VipAnswered("web", "somebody")], 1.0)
    made.exchange(NodeParams("a", (router(120, refuse_answered=True),)), 2.0)
    assert state(made) == "FAULT"
    made.exchange(NodeParams("a", (replace(router(), **more),)), 3.0)
    assert state(made) == "BACKUP"
