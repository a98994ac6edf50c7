"""Routing of events to routers and checks to fitness."""

from ipaddress import IPv4Interface
from math import inf

from sidecar.core.actions import PacketDropped
from sidecar.core.events import (
    PacketReceived,
    Started,
    StopRequested,
    VipsDropped,
)
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from tests.unit.core.stage import DROPPED, LINK, PEER, feed, heard, router


def checked(priority: int = 100) -> Node:
    check = CheckParams("http", "http", max_age=3.0)
    node = Node(NodeParams("a", (router(priority, checks=("http",)),), (check,)), 0.0)
    feed(node, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    return node


def effective(node: Node) -> int:
    return node.snapshot(0.0).routers[0].effective_priority


def test_a_node_without_routers_waits_for_ever() -> None:
    assert Node(NodeParams("a", ()), 0.0).deadline == inf


def test_a_packet_for_an_unknown_router_is_dropped_by_name() -> None:
    elsewhere = PacketReceived("eth1", PEER, PEER, 255, heard(100).payload)
    short = [PacketReceived("eth0", PEER, PEER, 255, payload) for payload in (b"", b"\x31")]
    actions = checked().step([elsewhere, *short], 0.0)
    assert actions == [
        PacketDropped(None, "eth1", PEER, "vrid"),
        PacketDropped(None, "eth0", PEER, "length"),
        PacketDropped(None, "eth0", PEER, "length"),
    ]


def test_a_node_with_two_routers_stops_when_both_have() -> None:
    other = RouterParams("db", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),))
    node = Node(NodeParams("a", (router(), other)), 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([DROPPED, StopRequested("asked")], 0.0)
    assert not node.stopped
    node.step([VipsDropped("db")], 0.1)
    assert node.stopped
