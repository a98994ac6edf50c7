"""Of two equal priorities the greater address stays MASTER: greater as a number, however it is written."""

from ipaddress import IPv4Address, IPv6Address, IPv6Interface

import pytest

from sidecar.core.address import Address, Vip
from sidecar.core.events import Event, InterfaceChanged, InterfaceState, PacketReceived, Started, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import State
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from tests.unit.core.stage import DROPPED, MAC, VIP, kinds, moves, state

VIP6 = IPv6Interface("fe80::100/128")
RISING: list[tuple[Address, Address]] = [
    (IPv4Address("10.77.0.9"), IPv4Address("10.77.0.11")),
    (IPv4Address("10.77.0.99"), IPv4Address("10.77.0.100")),
    (IPv4Address("10.77.9.200"), IPv4Address("10.77.10.1")),
    (IPv4Address("9.255.255.255"), IPv4Address("10.0.0.1")),
    (IPv4Address("127.255.255.254"), IPv4Address("128.0.0.1")),
    (IPv4Address("10.77.0.11"), IPv4Address("10.77.0.12")),
    (IPv6Address("fe80::9"), IPv6Address("fe80::11")),
    (IPv6Address("fe80::ffff"), IPv6Address("fe80::1:0")),
    (IPv6Address("fe80::1"), IPv6Address("fe80::1:0:0:1")),
    (IPv6Address("fe80::9c:1"), IPv6Address("fe80::100:1")),
    (IPv6Address("fe80::42:acff:fe11:2"), IPv6Address("fe80::1042:acff:fe11:2")),
    (IPv6Address("fe80::7fff:ffff:ffff:ffff"), IPv6Address("fe80::8000:0:0:0")),
]
"""A lower and a greater address of one LAN. Compared as text most of these pairs are the other way round."""


def vip_for(address: Address) -> Vip:
    return VIP if address.version == 4 else VIP6


def serving(own: Address, priority: int) -> Node:
    """A node of this address, MASTER since 10."""
    router = RouterParams("web", "eth0", 51, priority, (vip_for(own),))
    node = Node(NodeParams("a", (router,)), 0.0)
    link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(own,)))
    held = VipsHeld("web", asked_at=10.0)
    steps: list[tuple[float, list[Event]]] = [
        (0.0, [link, Started()]),
        (0.0, [DROPPED]),
        (10.0, []),
        (10.0, [held]),
    ]
    for at, events in steps:
        node.step(events, at)
    assert state(node) is State.MASTER
    return node


def says(source: Address, priority: int) -> PacketReceived:
    group = GROUPS[source.version]
    advert = Advert(51, priority, 100, (vip_for(source).ip,))
    return PacketReceived("eth0", source, group, 255, encode(advert, source, group, pseudo_header=True))


@pytest.mark.parametrize(("lower", "greater"), RISING)
def test_of_two_equals_the_lower_address_yields(lower: Address, greater: Address) -> None:
    actions = serving(lower, 100).step([says(greater, 100)], 10.5)
    assert moves(actions) == [("MASTER", "BACKUP", "higher_priority")]


@pytest.mark.parametrize(("lower", "greater"), RISING)
def test_of_two_equals_the_greater_address_stays_and_answers(lower: Address, greater: Address) -> None:
    actions = serving(greater, 100).step([says(lower, 100)], 10.5)
    assert moves(actions) == []
    assert kinds(actions) == ["HoldVips", "SendAdvert(100)", "Announce"]


@pytest.mark.parametrize(("lower", "greater"), RISING)
def test_an_address_decides_nothing_between_priorities_that_differ(lower: Address, greater: Address) -> None:
    assert moves(serving(lower, 101).step([says(greater, 100)], 10.5)) == []
    assert moves(serving(greater, 100).step([says(lower, 101)], 10.5)) == [
        ("MASTER", "BACKUP", "higher_priority")
    ]


@pytest.mark.parametrize(("lower", "greater"), [RISING[0], RISING[6]])
def test_of_two_owners_the_greater_address_stays(lower: Address, greater: Address) -> None:
    assert moves(serving(greater, 255).step([says(lower, 255)], 10.5)) == []
    assert moves(serving(lower, 255).step([says(greater, 255)], 10.5)) == [
        ("MASTER", "BACKUP", "higher_priority")
    ]
