"""Routers of a sync group: all are MASTER here, or none is."""

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from sidecar.core.actions import Action, DropVips, HoldVips, SendAdvert, Transition, TrySending
from sidecar.core.events import (
    Event,
    InterfaceChanged,
    PacketReceived,
    SendTried,
    Started,
    StopRequested,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import State
from sidecar.core.wire.advert import GROUP_V4, Advert, encode
from tests.unit.core.stage import LINK, PEER, moves, router, verdict

OUTSIDE = router(100)
INSIDE = replace(OUTSIDE, name="inside", interface="eth1", vrid=52, addresses=(IPv4Interface("10.78.0.100"),))
LINK1 = replace(LINK, interface="eth1")
DOWN1 = InterfaceChanged("eth1", None)


def pair(*, synced: bool = True, inside: RouterParams = INSIDE, checks: tuple[CheckParams, ...] = ()) -> Node:
    """Both routers BACKUP since 0."""
    groups = (("web", "inside"),) if synced else ()
    node = Node(NodeParams("a", (OUTSIDE, inside), checks, groups), 0.0)
    node.step([LINK, LINK1, Started(), *(verdict(c.name, up=True) for c in checks)], 0.0)
    node.step([VipsDropped("web"), VipsDropped("inside")], 0.0)
    return node


def masters(node: Node, at: float = 10.0) -> Node:
    """Both routers MASTER since `at`."""
    node.step([], at)
    node.step([VipsHeld("web", at), VipsHeld("inside", at)], at)
    assert states(node) == [State.MASTER, State.MASTER]
    return node


def states(node: Node) -> list[State]:
    return [each.state for each in node.snapshot(0.0).routers]


def advert(vrid: int, priority: int) -> PacketReceived:
    interface, vips = ("eth0", OUTSIDE.addresses) if vrid == 51 else ("eth1", INSIDE.addresses)
    said = Advert(vrid, priority, 100, tuple(vip.ip for vip in vips))
    payload = encode(said, PEER, GROUP_V4, pseudo_header=True)
    return PacketReceived(interface, PEER, GROUP_V4, 255, payload)


def by_router(actions: list[Action]) -> list[tuple[str, str, str]]:
    return [(a.router, str(a.new), str(a.reason)) for a in actions if isinstance(a, Transition)]


def resignations(actions: list[Action]) -> list[str]:
    return [a.router for a in actions if isinstance(a, SendAdvert) and a.priority == 0]


def test_one_silent_network_is_no_reason_to_take_over() -> None:
    """The members that still hear their master do not want to: a host must not win half a group."""
    node = pair()
    for second in range(1, 20):
        actions = node.step([advert(52, 200)], float(second))
        assert moves(actions) == []
        assert node.deadline > second
    assert states(node) == [State.BACKUP, State.BACKUP]


def test_without_a_group_each_goes_its_own_way() -> None:
    node = pair(synced=False)
    for second in (1.0, 2.0, 3.0, 4.0):
        node.step([advert(52, 200)], second)
    node.step([VipsHeld("web", 4.0)], 4.0)
    assert states(node) == [State.MASTER, State.BACKUP]


def test_when_all_networks_are_silent_both_take_over_at_once() -> None:
    node = pair()
    node.step([advert(51, 200)], 1.0)
    node.step([advert(52, 200)], 1.4)
    assert node.deadline == 1.4 + 3.609375
    taken = node.step([], node.deadline)
    assert [type(a).__name__ for a in taken].count("HoldVips") == 2
    at = 1.4 + 3.609375
    assert by_router(node.step([VipsHeld("web", at), VipsHeld("inside", at)], at)) == [
        ("web", "MASTER", "master_down_timer"),
        ("inside", "MASTER", "master_down_timer"),
    ]


def test_a_better_master_in_one_network_takes_both() -> None:
    node = masters(pair())
    actions = node.step([advert(51, 200)], 10.5)
    assert by_router(actions) == [("web", "BACKUP", "higher_priority"), ("inside", "BACKUP", "sync_group")]
    answered = node.step([VipsDropped("web"), VipsDropped("inside")], 10.5)
    assert resignations(answered) == ["inside"], "its peers must not wait three intervals"


def test_a_lost_interface_takes_the_other_router_along_and_back() -> None:
    node = masters(pair())
    actions = node.step([DOWN1], 10.5)
    assert by_router(actions) == [("inside", "FAULT", "link"), ("web", "BACKUP", "sync_group")]
    node.step([VipsDropped("web"), VipsDropped("inside")], 10.5)
    assert moves(node.step([], 60.0)) == []
    assert states(node) == [State.BACKUP, State.FAULT]
    node.step([LINK1], 61.0)
    assert states(masters(node, 70.0)) == [State.MASTER, State.MASTER]


def test_a_check_of_one_router_moves_both() -> None:
    """The sick one contends at priority 1: both serve again when nobody else does."""
    checks = (CheckParams("nginx", "process"),)
    node = masters(pair(inside=replace(INSIDE, checks=("nginx",)), checks=checks))
    actions = node.step([verdict("nginx", up=False, at=10.5)], 10.5)
    assert by_router(actions) == [("inside", "BACKUP", "health"), ("web", "BACKUP", "sync_group")]
    answered = node.step([VipsDropped("web"), VipsDropped("inside")], 10.5)
    assert sorted(resignations(answered)) == ["inside", "web"]
    # Skew of the sick one: 255/256 s after the interval in which every other one goes first.
    assert node.deadline == pytest.approx(10.5 + 1 + 255 / 256 + 0.1)


def test_a_refusal_of_the_kernel_for_one_ends_the_takeover_of_both() -> None:
    node = pair()
    node.step([], 10.0)
    actions = node.step([VipsHeld("web", 10.0), VipsHeld("inside", 10.0, "no permission")], 10.0)
    assert states(node) == [State.BACKUP, State.FAULT]
    assert ("web", "BACKUP", "sync_group") in by_router(actions)


def test_whom_the_kernel_has_refused_asks_before_the_others_take_theirs_from_who_serves() -> None:
    """Else the preferred host would take one VIP away and give it back, at each attempt, for ever."""
    node = pair()
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0), VipsHeld("inside", 10.0, "EPERM")], 10.0)
    node.step([VipsDropped("web"), VipsDropped("inside")], 10.0)
    assert states(node) == [State.BACKUP, State.FAULT]
    requests = []
    for tenth in range(101, 700):
        now = tenth / 10
        heard = [advert(51, 50), advert(52, 50)] if tenth % 10 == 0 else []
        actions = node.step(heard, now)
        while answers := _answers(actions, now, refused=tenth < 300):
            requests += [a.router for a in actions if isinstance(a, HoldVips)]
            assert tenth >= 300 or "web" not in requests
            actions = node.step(answers, now)
    assert requests.count("inside") > 1
    assert states(node) == [State.MASTER, State.MASTER]


def _answers(actions: list[Action], now: float, *, refused: bool) -> list[Event]:
    """Answers of kernel and network: everything works but VIPs of `inside` while they are refused."""
    found: list[Event] = []
    for action in actions:
        match action:
            case HoldVips(router=name):
                found.append(VipsHeld(name, now, "EPERM" if refused and name == "inside" else None))
            case DropVips(router=name):
                found.append(VipsDropped(name))
            case TrySending(router=name):
                found.append(SendTried(name))
            case _:
                pass
    return found


def test_whoever_is_still_taking_over_gives_up_when_the_other_is_stopped_by_a_master() -> None:
    node = pair()
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0)], 10.0)
    actions = node.step([advert(52, 200)], 10.01)
    assert by_router(actions) == [("web", "BACKUP", "sync_group")]
    assert states(node) == [State.BACKUP, State.BACKUP]


def test_after_a_stall_no_router_of_the_group_speaks() -> None:
    node = masters(pair())
    actions = node.step([], 19.0)
    assert {reason for _, _, reason in by_router(actions)} == {"stall"}
    assert resignations(node.step([VipsDropped("web"), VipsDropped("inside")], 19.0)) == []


def test_stopping_moves_each_router_once() -> None:
    node = masters(pair())
    actions = node.step([StopRequested("SIGTERM")], 10.5)
    assert by_router(actions) == [("web", "INIT", "shutdown"), ("inside", "INIT", "shutdown")]
    answered = node.step([VipsDropped("web"), VipsDropped("inside")], 10.5)
    assert sorted(resignations(answered)) == ["inside", "web"]
    assert node.stopped


@pytest.mark.parametrize("hosts", [None, 2])
def test_the_backup_of_two_takes_a_whole_group_over_when_the_last_of_its_masters_has_resigned(
    hosts: int | None,
) -> None:
    routers = (replace(OUTSIDE, hosts=hosts), replace(INSIDE, hosts=hosts))
    node = Node(NodeParams("a", routers, (), (("web", "inside"),)), 0.0)
    node.step([LINK, LINK1, Started()], 0.0)
    node.step([VipsDropped("web"), VipsDropped("inside")], 0.0)
    node.step([advert(51, 200), advert(52, 200)], 1.0)
    assert [a for a in node.step([advert(51, 0)], 1.5) if isinstance(a, HoldVips)] == []
    asked = [a.router for a in node.step([advert(52, 0)], 1.51) if isinstance(a, HoldVips)]
    assert sorted(asked) == (["inside", "web"] if hosts else [])
