"""Routing of events to routers and checks to fitness."""

from ipaddress import IPv4Interface
from math import inf

from sidecar.core.actions import CheckChanged, CheckFinished, PacketDropped
from sidecar.core.events import (
    CheckReported,
    CheckResult,
    Outcome,
    PacketReceived,
    Stalled,
    Started,
    StopRequested,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health import THAW
from sidecar.core.node import Node
from sidecar.core.params import CheckParams, NodeParams, RouterParams
from tests.unit.core.stage import DROPPED, LINK, PEER, feed, heard, kinds, moves, router

CHECK = CheckParams("http", "http", max_age=3.0)
PASS = CheckReported("http", CheckResult(Outcome.PASS, "200"))
FAIL = CheckReported("http", CheckResult(Outcome.FAIL, "503", decisive=True))


def checked(priority: int = 100) -> Node:
    node = Node(NodeParams("a", (router(priority, checks=("http",)),), (CHECK,)), 0.0)
    feed(node, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    return node


def effective(node: Node) -> int:
    return node.snapshot(0.0).routers[0].effective_priority


def test_a_node_without_routers_waits_for_ever() -> None:
    assert Node(NodeParams("a", ()), 0.0).deadline == inf


def test_a_packet_for_an_unknown_router_is_dropped_by_name() -> None:
    stranger = PacketReceived("eth1", PEER, PEER, 255, heard(100).payload)
    empty = PacketReceived("eth0", PEER, PEER, 255, b"")
    actions = checked().step([stranger, empty], 0.0)
    assert actions == [
        PacketDropped(None, "eth1", PEER, "vrid"),
        PacketDropped(None, "eth0", PEER, "length"),
    ]


def test_without_a_result_a_node_contends_at_priority_one() -> None:
    node = checked()
    assert effective(node) == 1
    actions = node.step([PASS], 1.0)
    assert actions[:2] == [
        CheckFinished("http", "http", PASS.result),
        CheckChanged("http", "http", True, "200"),
    ]
    assert effective(node) == 100


def test_a_stale_check_makes_a_master_resign() -> None:
    node = checked()
    feed(node, (1.0, [PASS]), (3.7, []))
    node.step([VipsHeld("web", 3.7), PASS], 3.7)
    for at in (4.7, 5.7):
        feed(node, (at, []), (at, [VipsHeld("web", at)]))
    actions = node.step([], 6.7)
    assert moves(actions) == [("MASTER", "BACKUP", "health")]
    assert kinds(actions) == ["DropVips"]


def test_no_check_grows_stale_while_we_ourselves_stand_still() -> None:
    node = checked()
    feed(node, (1.0, [PASS]))
    node.step([Stalled(8.0)], 9.5)
    assert effective(node) == 100
    # What was left of its time before the stall is left of it afterwards, and a thaw comes to it.
    node.step([], 11.9 + THAW)
    assert effective(node) == 100
    node.step([], 12.1 + THAW)
    assert effective(node) == 1


def test_many_stalls_are_excused_with_one_thaw() -> None:
    node = checked()
    feed(node, (1.0, [PASS]))
    for at in range(10):
        node.step([Stalled(0.1)], 1.1 + at / 10)
    node.step([], 4.9 + THAW)
    assert effective(node) == 100
    node.step([], 5.1 + THAW)
    assert effective(node) == 1


def test_a_result_after_a_stall_has_its_usual_time() -> None:
    node = checked()
    feed(node, (1.0, [PASS]))
    node.step([Stalled(8.0), PASS], 9.5)
    node.step([], 12.6)
    assert effective(node) == 1


def test_a_node_with_two_routers_stops_when_both_have() -> None:
    other = RouterParams("db", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),))
    node = Node(NodeParams("a", (router(), other)), 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([DROPPED, StopRequested("asked")], 0.0)
    assert not node.stopped
    node.step([VipsDropped("db")], 0.1)
    assert node.stopped


def test_an_unknown_outcome_changes_no_verdict() -> None:
    node = checked()
    node.step([PASS], 1.0)
    node.step([CheckReported("http", CheckResult(Outcome.UNKNOWN, "the Docker daemon is away"))], 1.5)
    assert effective(node) == 100
