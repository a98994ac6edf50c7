"""What a packet that is not understood in full says all the same."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface

import pytest

from sidecar.core.actions import Warned
from sidecar.core.events import PacketReceived
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.router.differences import Difference, claimed_interval, explain_followed
from sidecar.core.wire.advert import GROUP_V4, GROUP_V6, Advert, encode
from tests.unit.core.stage import US, router


@pytest.mark.parametrize(
    ("payload", "seconds"),
    [
        ("31 33 64 01 00 64 0000", 1.0),
        ("31 33 64 01 0f ff 0000", 40.95),
        ("31 33 64 01 f0 64 0000", 1.0),  # the four reserved bits are no part of it
        ("21 33 64 01 00 03 0000", 3.0),
        ("31 33 64 01 00 64 00", 0.0),
    ],
)
def test_the_interval_is_told_of_either_version(payload: str, seconds: float) -> None:
    source = IPv4Address("10.77.0.12")
    packet = PacketReceived("eth0", source, IPv4Address("224.0.0.18"), 255, bytes.fromhex(payload))
    assert claimed_interval(packet) == seconds


MANY = [IPv6Interface(f"fd77::{number:x}/128") for number in range(0x100, 0x100 + 120)]
ROUTER = RouterParams("web", "eth0", 51, 100, tuple(MANY))
PEER = IPv6Address("fe80::12")


def told(*named: IPv6Interface) -> Difference:
    advert = Advert(51, 240, 100, tuple(each.ip for each in named))
    payload = encode(advert, PEER, GROUP_V6, pseudo_header=True)
    return explain_followed(PacketReceived("eth0", PEER, GROUP_V6, 255, payload), ROUTER)


def test_a_list_of_which_only_the_end_is_missing_may_be_all_that_a_packet_has_room_for() -> None:
    difference = told(*MANY[:77])
    assert difference.detail == (
        "it advertises 77 of our 120 addresses, without fd77::14d, fd77::14e, fd77::14f, fd77::150 "
        "and 39 more: a takeover changes what is served, or an advert has room for no more there"
    )
    assert "give both interfaces the same MTU" in difference.remedy
    assert "77 of our 120" in told(*reversed(MANY[:77])).detail


@pytest.mark.parametrize(
    "named",
    [MANY[:76], [*MANY[:76], IPv6Interface("fd77::ffff/128")], [*MANY, IPv6Interface("fd77::ffff/128")]],
    ids=["one more would fit everywhere", "another one is among them", "more than ours"],
)
def test_any_other_list_is_one_of_other_addresses(named: list[IPv6Interface]) -> None:
    difference = told(*named)
    assert difference.detail.endswith("a takeover changes what is served")
    assert difference.remedy == "write the same addresses on both hosts"


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("family", [4, 6])
def test_a_firewall_that_speaks_carp_is_called_so_and_sends_nobody_to_its_keepalived(
    version: int, family: int
) -> None:
    """Protocol number, group and TTL are those of VRRP, and the first byte is that of version 2."""
    carp = bytes.fromhex("21 33 00 07 00 01 beef") + bytes(range(100, 128))
    if family == 6:
        params = replace(ROUTER, addresses=tuple(MANY[:1]))
        packet = PacketReceived("eth0", PEER, GROUP_V6, 255, carp)
    else:
        params = router(version=version)
        packet = PacketReceived("eth0", IPv4Address("10.77.0.1"), GROUP_V4, 255, carp)
    node = Node(NodeParams("a", (params,)), 0.0)
    (said,) = (each for each in node.step([packet], 1.0) if isinstance(each, Warned))
    assert said.detail.endswith(
        "it speaks CARP (pfSense, OPNsense, BSD) and not VRRP, with VHID 51; "
        "give it another VHID, or this router another `vrid`"
    )


def test_seven_addresses_of_version_2_are_no_carp() -> None:
    vips = tuple(IPv4Address(f"10.77.0.{number}") for number in range(1, 8))
    advert = encode(Advert(51, 100, 100, vips, version=2), US, GROUP_V4, pseudo_header=False)
    node = Node(NodeParams("a", (router(),)), 0.0)
    packet = PacketReceived("eth0", US, GROUP_V4, 255, advert)
    (said,) = (each for each in node.step([packet], 1.0) if isinstance(each, Warned))
    assert "it speaks VRRP version 2, we version 3" in said.detail
