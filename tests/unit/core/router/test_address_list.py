"""Which VIPs an advertisement names where not all fit into a packet."""

from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface

import pytest

from sidecar.core.actions import Announce, HoldVips, SendAdvert, Warned
from sidecar.core.events import (
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.node import Node
from sidecar.core.params import HmacParams, NodeParams, RouterParams
from sidecar.core.router.address_list import fitting
from sidecar.core.wire.advert import GROUP_V4, Advert, decode, encode
from sidecar.core.wire.constants import TTL
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import MAC, PEER, US, router

LINK_LOCAL = IPv6Interface("fe80::51/128")
MANY6 = (*(IPv6Interface(f"fd00:77::{number:x}/128") for number in range(254, 1, -1)), LINK_LOCAL)
MANY4 = tuple(IPv4Interface(f"10.77.1.{number}/32") for number in range(1, 255))
SIGNED = HmacParams((HmacKey(1, b"key"),))


def many(addresses: tuple[IPv4Interface, ...] | tuple[IPv6Interface, ...], **changes: object) -> RouterParams:
    return replace(router(), addresses=addresses, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "mtu", "number"),
    [
        (many(MANY4), 1500, 254),
        (many(MANY4), 0, 254),
        (many(MANY4), 576, (576 - 20 - 8) // 4),
        (many(MANY4, version=2), 576, (576 - 20 - 16) // 4),
        (many(MANY6), 1500, (1500 - 40 - 8) // 16),
        (many(MANY6), 9000, 254),
        (many(MANY6, hmac=SIGNED), 1500, (1500 - 40 - 8 - 28) // 16),
        (many(MANY6), 40, 1),
    ],
)
def test_as_many_are_named_as_fit(params: RouterParams, mtu: int, number: int) -> None:
    assert len(fitting(params, mtu)) == number


def test_hosts_that_list_the_same_vips_in_another_order_name_the_same() -> None:
    one, other = fitting(many(MANY6), 1500), fitting(many(MANY6[::-1]), 1500)
    assert one == other
    assert one[0] == LINK_LOCAL
    assert one[1:] == tuple(sorted(MANY6[:-1]))[: len(one) - 1]


def advert(addresses: tuple[IPv4Interface, ...]) -> PacketReceived:
    said = Advert(51, 50, 100, tuple(vip.ip for vip in addresses))
    return PacketReceived("eth0", PEER, GROUP_V4, TTL, encode(said, PEER, GROUP_V4, pseudo_header=True))


def test_what_does_not_fit_is_held_announced_shown_and_told_and_not_advertised() -> None:
    params = many(MANY4)
    link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US,), mtu=576))
    node = Node(NodeParams("a", (params,)), 0.0)
    begun = node.step([link, Started()], 0.0)
    (warning,) = [each for each in begun if isinstance(each, Warned)]
    assert warning.reason == "mtu"
    assert "137 of 254 addresses" in warning.detail
    assert "10.77.1.138, 10.77.1.139, 10.77.1.140 and 114 more" in warning.detail
    assert not [each for each in node.step([link], 0.5) if isinstance(each, Warned)]
    node.step([VipsDropped("web")], 0.0)
    (hold,) = [each for each in node.step([], 10.0) if isinstance(each, HoldVips)]
    assert hold.vips == MANY4
    served = node.step([VipsHeld("web", asked_at=10.0)], 10.0)
    (announce,) = [each for each in served if isinstance(each, Announce)]
    assert len(announce.frames) == 2 * 254
    (send,) = [each for each in served if isinstance(each, SendAdvert)]
    ((to, payload),) = send.packets
    said = decode(payload, US, to, TTL)
    assert isinstance(said, Advert)
    assert said.addresses == tuple(vip.ip for vip in MANY4[:137])
    assert node.snapshot(10.0).routers[0].unadvertised == frozenset(MANY4[137:])


@pytest.mark.parametrize(("number", "told"), [(137, False), (254, False), (136, True), (100, True)])
def test_a_list_that_was_cut_alike_is_no_difference(number: int, *, told: bool) -> None:
    link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US,), mtu=576))
    node = Node(NodeParams("a", (many(MANY4),)), 0.0)
    node.step([link, Started()], 0.0)
    heard = node.step([VipsDropped("web"), advert(MANY4[:number])], 0.0)
    assert bool([each for each in heard if isinstance(each, Warned)]) is told
    assert node.snapshot(0.0).routers[0].master is not None
