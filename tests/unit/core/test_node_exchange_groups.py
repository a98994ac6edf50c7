"""Sync groups that a reload makes, changes and dissolves."""

from ipaddress import IPv4Interface

import pytest

from sidecar.core.events import InterfaceChanged, InterfaceState, Started, VipsDropped, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import State
from tests.unit.core.stage import DROPPED, LINK, MAC, US, heard, kinds, moves, router

DB = RouterParams("db", "eth1", 52, 100, (IPv4Interface("10.77.0.200/32"),))
LAN = InterfaceChanged("eth1", InterfaceState(3, up=True, mac=MAC, addresses=(US,)))
CUT = InterfaceChanged("eth1", InterfaceState(3, up=False, mac=MAC, addresses=(US,)))
GROUP = (("web", "db"),)


def params(*routers: RouterParams, groups: tuple[tuple[str, ...], ...] = ()) -> NodeParams:
    return NodeParams("a", routers, sync_groups=groups)


def both(*groups: tuple[str, ...]) -> Node:
    """Two routers on two interfaces, both MASTER since 10."""
    node = Node(params(router(), DB, groups=groups), 0.0)
    node.step([LINK, LAN, Started()], 0.0)
    node.step([DROPPED, VipsDropped("db")], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0), VipsHeld("db", 10.0)], 10.0)
    assert states(node) == [State.MASTER] * 2
    return node


def states(node: Node) -> list[State]:
    return [each.state for each in node.snapshot(0.0).routers]


def test_masters_that_form_a_group_stay_and_leave_together_from_then_on() -> None:
    node = both()
    actions = node.exchange(params(router(), DB, groups=GROUP), 10.1)
    assert (moves(actions), kinds(actions)) == ([], [])
    actions = node.step([CUT], 10.2)
    assert [(old, new) for old, new, _ in moves(actions)] == [("MASTER", "FAULT"), ("MASTER", "BACKUP")]


@pytest.mark.parametrize("left", [(), (("web",),)])
def test_routers_of_a_group_that_is_gone_move_apart(left: tuple[tuple[str, ...], ...]) -> None:
    node = both(*GROUP)
    assert moves(node.exchange(params(router(), DB, groups=left), 10.1)) == []
    assert [(old, new) for old, new, _ in moves(node.step([CUT], 10.2))] == [("MASTER", "FAULT")]
    assert states(node) == [State.MASTER, State.FAULT]


def test_while_one_of_three_leaves_the_others_go_on_together() -> None:
    """A reload removes it; until it has given its VIP up the new parameters do not count yet."""
    third = RouterParams("third", "eth0", 53, 100, (IPv4Interface("10.77.0.150/32"),))
    node = Node(params(router(), DB, third, groups=(("web", "db", "third"),)), 0.0)
    node.step([LINK, LAN, Started()], 0.0)
    node.step([DROPPED, VipsDropped("db"), VipsDropped("third")], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0), VipsHeld("db", 10.0), VipsHeld("third", 10.0)], 10.0)
    node.leave(params(router(), DB, groups=GROUP), 10.1)
    node.step([CUT], 10.2)
    assert states(node)[:2] == [State.BACKUP, State.FAULT]


def test_a_group_by_another_name_of_a_member_is_the_same_group() -> None:
    node = both(*GROUP)
    renamed = RouterParams("lan", "eth1", 52, 100, DB.addresses)
    actions = node.exchange(params(router(), renamed, groups=(("web", "lan"),)), 10.1)
    assert moves(actions) == []
    node.step([CUT], 10.2)
    assert states(node) == [State.BACKUP, State.FAULT]


def test_a_new_router_of_a_group_of_masters_follows_and_moves_none_of_them() -> None:
    node = Node(params(router()), 0.0)
    node.step([LINK, LAN, Started()], 0.0)
    node.step([DROPPED], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0)], 10.0)
    assert moves(node.exchange(params(router(), DB, groups=GROUP), 10.1)) == []
    # The network tells of the interfaces of a new router again.
    actions = node.step([LAN, VipsDropped("db")], 10.2)
    assert [(old, new) for old, new, _ in moves(actions)] == [("INIT", "BACKUP")]
    at = 10.2
    while states(node)[1] is not State.MASTER:
        at += 0.1
        assert at < 14.0
        for action in kinds(node.step([VipsHeld("web", at)], at)):
            if action == "HoldVips":
                node.step([VipsHeld("db", at)], at)
    assert states(node) == [State.MASTER] * 2
    assert [(old, new) for old, new, _ in moves(node.step([heard(254)], at))] == [("MASTER", "BACKUP")] * 2
