"""Priority 0 can be forged in a master's name: what that can do, and what true resignations still do.

Modules: core.router.pair.
"""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from sidecar.core.actions import Action, Warned
from sidecar.core.events import Started, VipsHeld
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, Unicast, master_down_interval, skew
from sidecar.core.router.down_timer import TAKEOVER, DownTimer
from sidecar.core.snapshot import Wait
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    LOW_PEER,
    PEER,
    US,
    backup,
    feed,
    heard,
    kinds,
    moves,
    router,
    state,
    verdict,
)

SKEW = skew(100, 1.0)
WAIT = master_down_interval(100, 1.0)
GOOD = verdict("nginx", up=True, detail="runs")
BAD = verdict("nginx", up=False, detail="dead")


def took_over(node: Node, at: float) -> bool:
    """Step at a time, let the kernel give the VIP, and say whether the node serves."""
    feed(node, (at, []), (at, [VipsHeld("web", at)]))
    return state(node) == "MASTER"


def deceived() -> Node:
    """A node that took over at 1 s + skew upon a resignation that its master had not said."""
    node = backup()
    feed(node, (1.0, [heard(200), heard(0)]))
    assert took_over(node, 1.0 + SKEW)
    assert moves(node.step([heard(200)], 1.1 + SKEW)) == [("MASTER", "BACKUP", "higher_priority")]
    node.step([DROPPED], 1.1 + SKEW)
    return node


def test_a_resignation_of_a_master_that_serves_on_is_not_believed_again_for_a_master_down_interval() -> None:
    node = deceived()
    first = 1.0 + SKEW
    at = 1.1 + SKEW
    while at < first + WAIT - 0.1:
        node.step([heard(200), heard(0)], at)
        assert node.deadline == pytest.approx(at + WAIT)
        at += 0.1
    node.step([heard(200), heard(0)], first + WAIT)
    assert node.deadline == pytest.approx(first + WAIT + SKEW)


def elections_in_a_flood(node: Node) -> int:
    """How often a node takes over within 20 s in which somebody resigns in its master's name."""
    elections, now = 0, 1.0
    while now < 21.0:
        # The true master speaks every second, the rogue a hundred times.
        said = [heard(200)] if round(now * 100) % 100 == 0 else []
        actions = node.step([*said, heard(0)], now)
        if any(type(action).__name__ == "HoldVips" for action in actions):
            actions += node.step([VipsHeld("web", now)], now)
        elif any(type(action).__name__ == "DropVips" for action in actions):
            actions += node.step([DROPPED], now)
        elections += [new for _, new, _ in moves(actions)].count("MASTER")
        now += 0.01
    return elections


def test_a_flood_of_forged_resignations_starts_one_election_in_a_master_down_interval() -> None:
    assert 2 <= elections_in_a_flood(backup()) <= 20 / WAIT + 1


def test_silence_ends_the_wait_all_the_same() -> None:
    node = deceived()
    assert took_over(node, 1.1 + SKEW + WAIT)


def test_the_resignation_of_another_master_is_believed() -> None:
    node = deceived()
    node.step([heard(210, LOW_PEER)], 1.3 + SKEW)
    node.step([heard(0, LOW_PEER)], 1.4 + SKEW)
    assert node.deadline == pytest.approx(1.4 + 2 * SKEW)


def test_a_master_that_was_silent_before_it_came_back_is_believed_the_next_time() -> None:
    """The owner of the addresses restarts within a master-down interval, and stops again."""
    node = backup()
    feed(node, (1.0, [heard(255), heard(0)]))
    assert took_over(node, 1.0 + SKEW)
    feed(node, (2.1 + SKEW, [heard(255)]), (2.1 + SKEW, [DROPPED]))
    node.step([heard(0)], 2.2 + SKEW)
    assert node.deadline == pytest.approx(2.2 + 2 * SKEW)


def test_a_resignation_that_is_denied_before_the_kernel_has_answered_counts_as_a_lie_too() -> None:
    node = backup()
    feed(node, (1.0, [heard(200, PEER), heard(0)]), (1.0 + SKEW, []))
    node.step([heard(200)], 1.01 + SKEW)
    feed(
        node,
        (1.02 + SKEW, [VipsHeld("web", 1.0 + SKEW), DROPPED]),
        (1.5 + SKEW, [heard(200)]),
        (1.5 + SKEW, [heard(0)]),
    )
    assert node.deadline == pytest.approx(1.5 + SKEW + WAIT)


def sickened(node: Node, at: float) -> None:
    """Our nginx dies: the node resigns, and the kernel removes the VIP."""
    assert moves(node.step([BAD], at)) == [("MASTER", "BACKUP", "health")]
    node.step([DROPPED], at)


def pair_node(priority: int = 100, *, good: bool = True, **more: object) -> Node:
    """A backup with a check, which has passed or failed at 0, and one other host."""
    params = router(priority, checks=("nginx",), hosts=2, **more)
    node = Node(NodeParams("a", (params,), (CheckParams("nginx", "process"),)), 0.0)
    feed(node, (0.0, [LINK, Started(), GOOD if good else BAD]), (0.0, [DROPPED]))
    return node


def test_whoever_resigned_and_was_given_the_vips_back_is_believed_when_it_resigns_again() -> None:
    """Two hosts fail in turn within an interval: none of their resignations was forged."""
    node = pair_node()
    feed(node, (1.0, [heard(200), heard(0)]))
    assert took_over(node, 1.0)
    sickened(node, 1.3)
    feed(node, (1.4, [GOOD, heard(200)]))
    node.step([heard(0)], 1.6)
    assert took_over(node, 1.6)


def test_another_master_soon_after_a_takeover_casts_no_doubt_on_the_one_that_resigned() -> None:
    node = backup()
    feed(node, (1.0, [heard(200), heard(0)]))
    assert took_over(node, 1.0 + SKEW)
    feed(node, (1.1 + SKEW, [heard(250, LOW_PEER), DROPPED]))
    feed(node, (3.5, [heard(254)]), (3.6, [heard(0)]))
    assert node.deadline == pytest.approx(3.6 + SKEW)


def test_so_is_whoever_was_given_them_back_by_a_resignation_that_came_late() -> None:
    """Our link blips right after we took over, so our priority 0 is said when it is back."""
    node = backup()
    feed(node, (1.0, [heard(200), heard(0)]))
    assert took_over(node, 1.0 + SKEW)
    feed(node, (1.1 + SKEW, [DOWN]), (1.11 + SKEW, [DROPPED]))
    assert kinds(node.step([LINK], 1.2 + SKEW)) == ["SendAdvert(0)"]
    feed(node, (1.3 + SKEW, [heard(200)]), (1.5 + SKEW, [heard(0)]))
    assert node.deadline == pytest.approx(1.5 + 2 * SKEW)


@pytest.mark.parametrize("good", [True, False], ids=["fit", "unfit"])
@pytest.mark.parametrize("priority", [2, 100, 254])
def test_of_two_hosts_the_backup_takes_over_at_once_when_its_master_resigns(
    priority: int, good: bool
) -> None:
    node = pair_node(priority, good=good)
    feed(node, (1.0, [heard(200)]))
    assert kinds(node.step([heard(0)], 1.4)) == ["HoldVips"]


def test_without_the_key_it_waits_its_skew() -> None:
    node = backup()
    feed(node, (1.0, [heard(200)]))
    assert kinds(node.step([heard(0)], 1.4)) == []
    assert node.deadline == pytest.approx(1.4 + SKEW)


def test_one_unicast_peer_alone_does_not_make_a_pair() -> None:
    node = backup(unicast=Unicast(US, (PEER,)))
    packet = heard(200)
    feed(node, (1.0, [replace(packet, destination=US)]))
    assert kinds(node.step([replace(heard(0), destination=US)], 1.4)) == []
    assert node.deadline > 1.4


def test_the_resignation_of_an_unknown_sender_starts_nothing_at_once() -> None:
    node = pair_node()
    feed(node, (1.0, [heard(200)]))
    assert kinds(node.step([heard(0, LOW_PEER)], 1.4)) == []
    assert node.deadline == pytest.approx(1.0 + WAIT)
    alone = pair_node()
    assert kinds(alone.step([heard(0, LOW_PEER)], 1.4)) == []
    assert alone.deadline == pytest.approx(1.4 + SKEW)


def test_silence_is_waited_out_with_the_skew_also_in_a_pair() -> None:
    node = pair_node()
    feed(node, (1.0, [heard(200)]))
    assert node.deadline == pytest.approx(1.0 + WAIT)


@pytest.mark.parametrize("good", [True, False], ids=["fit", "unfit"])
def test_a_flood_of_forged_resignations_starts_one_election_in_a_master_down_interval_also_in_a_pair(
    good: bool,
) -> None:
    node = pair_node(good=good)
    wait = master_down_interval(100 if good else 1, 1.0)
    assert 2 <= elections_in_a_flood(node) <= 20 / wait + 1


def test_a_third_host_is_told_and_of_two_backups_that_act_at_once_the_lower_yields() -> None:
    node = pair_node()
    feed(node, (1.0, [heard(200)]))
    told = feed(node, (1.4, [heard(0)]), (1.41, [VipsHeld("web", 1.4), heard(150, LOW_PEER)]))
    assert moves(told) == [("BACKUP", "MASTER", "priority_zero"), ("MASTER", "BACKUP", "higher_priority")]
    (warned,) = [a for a in told if isinstance(a, Warned) and a.reason == "third_host"]
    assert (warned.component, warned.source) == ("election", LOW_PEER)
    assert f"2 other hosts were heard ({LOW_PEER}, {PEER})" in warned.detail
    assert node.snapshot(1.41).routers[0].other_hosts == (LOW_PEER, PEER)


def test_a_third_host_is_told_once_a_second_at_most_and_forgotten_after_an_hour() -> None:
    node = pair_node()
    told: list[Action] = []
    for n in range(400):
        told += node.step([heard(200), heard(190, LOW_PEER)], 1.0 + n / 100)
    assert len([a for a in told if isinstance(a, Warned) and a.reason == "third_host"]) == 4
    node.step([heard(200)], 3700.0)
    assert node.snapshot(3700.0).routers[0].other_hosts == (PEER,)


def test_three_hosts_are_nothing_to_tell_where_nobody_has_said_that_there_are_two() -> None:
    told = feed(backup(100), (1.0, [heard(200)]), (1.1, [heard(190, LOW_PEER)]), (1.2, [heard(200)]))
    assert [a for a in told if isinstance(a, Warned) and a.reason == "third_host"] == []


def test_a_host_that_goes_on_from_another_address_is_no_third_one() -> None:
    node = pair_node()
    told = feed(node, (1.0, [heard(200)]), (2.0, [heard(200)]), (3.0, [heard(200, LOW_PEER)]))
    told += feed(node, (4.0, [heard(200, LOW_PEER)]), (5.0, [heard(200, LOW_PEER)]))
    assert [a for a in told if isinstance(a, Warned) and a.reason == "third_host"] == []
    assert node.snapshot(5.0).routers[0].other_hosts == (LOW_PEER,)
    # Heard again, the first one was no earlier address.
    told = feed(node, (5.1, [heard(190)]))
    assert [a.reason for a in told if isinstance(a, Warned) and a.reason == "third_host"] == ["third_host"]


def test_forged_senders_are_remembered_up_to_a_bound() -> None:
    node = pair_node()
    for n in range(1000):
        forged = IPv4Address(f"10.78.{n // 250}.{n % 250 + 1}")
        node.step([heard(50, forged), heard(0, forged)], 1.0 + n / 1000)
    assert len(node.snapshot(3.0).routers[0].other_hosts) == 16


def test_after_a_resignation_that_nobody_follows_the_node_itself_is_the_last_of_all_backups() -> None:
    node = pair_node()
    at = WAIT
    assert took_over(node, at)
    sickened(node, at + 0.5)
    assert node.deadline == pytest.approx(at + 0.5 + 1.0 + skew(1, 1.0) + TAKEOVER)
    node.step([GOOD], at + 0.7)
    assert node.deadline == pytest.approx(at + 0.5 + 1.0 + SKEW + TAKEOVER)
    node.step([heard(200)], at + 1.0)
    assert node.deadline == pytest.approx(at + 1.0 + WAIT)


@pytest.mark.parametrize("interval_cs", [1, 10, 100, 4095])
@pytest.mark.parametrize("mine", [1, 100, 254])
def test_the_slowest_other_backup_goes_before_the_one_that_resigned(interval_cs: int, mine: int) -> None:
    interval = interval_cs / 100
    timer = DownTimer(interval)
    timer.restart(0.0, interval, Wait.AFTER_US)
    assert skew(1, interval) < timer.deadline(mine) <= master_down_interval(mine, interval)


@pytest.mark.parametrize("theirs", [1, 50, 200])
def test_whoever_resigned_waits_as_always_once_another_serves(theirs: int) -> None:
    """Else a host that was unfit for a moment preempts three times as fast as its peers expect."""
    node = pair_node()
    assert took_over(node, WAIT)
    sickened(node, WAIT + 0.5)
    node.step([GOOD, heard(theirs)], WAIT + 0.6)
    since = 0.6 if theirs > 100 else 0.5
    assert node.deadline == pytest.approx(WAIT + since + WAIT)
