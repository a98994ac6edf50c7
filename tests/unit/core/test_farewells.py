"""Anybody can say farewell in a master's name: what forged farewells can do, and what true ones still do."""

import pytest

from sidecar.core.events import VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import master_down_interval, skew
from tests.unit.core.stage import DROPPED, LOW_PEER, PEER, backup, feed, heard, moves, state

SKEW = skew(100, 1.0)
WAIT = master_down_interval(100, 1.0)


def took_over(node: Node, at: float) -> bool:
    """Step at a time, let the kernel give the VIP, and say whether the node serves."""
    feed(node, (at, []), (at, [VipsHeld("web", at)]))
    return state(node) == "MASTER"


def deceived() -> Node:
    """A node that took over at 1 s + skew upon a farewell that its master had not said."""
    node = backup()
    feed(node, (1.0, [heard(200), heard(0)]))
    assert took_over(node, 1.0 + SKEW)
    assert moves(node.step([heard(200)], 1.1 + SKEW)) == [("MASTER", "BACKUP", "higher_priority")]
    node.step([DROPPED], 1.1 + SKEW)
    return node


def test_a_farewell_of_a_master_that_serves_on_is_not_believed_again_for_a_master_down_interval() -> None:
    node = deceived()
    first = 1.0 + SKEW
    at = 1.1 + SKEW
    while at < first + WAIT - 0.1:
        node.step([heard(200), heard(0)], at)
        assert node.deadline == pytest.approx(at + WAIT)
        at += 0.1
    node.step([heard(200), heard(0)], first + WAIT)
    assert node.deadline == pytest.approx(first + WAIT + SKEW)


def test_a_flood_of_forged_farewells_starts_one_election_in_a_master_down_interval() -> None:
    node = backup()
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
    assert 2 <= elections <= 20 / WAIT + 1


def test_silence_ends_the_wait_all_the_same() -> None:
    node = deceived()
    assert took_over(node, 1.1 + SKEW + WAIT)


def test_the_farewell_of_another_master_is_believed() -> None:
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


def test_a_farewell_that_is_denied_before_the_kernel_has_answered_counts_as_a_lie_too() -> None:
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
