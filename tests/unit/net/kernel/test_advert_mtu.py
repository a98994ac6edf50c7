"""Of all interfaces by which adverts leave the one with the least MTU decides."""

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Interface
from typing import Final

import pytest

from sidecar.core.params import RouterParams, Unicast
from sidecar.core.router.address_list import fitting
from sidecar.net.kernel.advert_mtu import advert_mtu, ways_out
from sidecar.net.kernel.link import Link

VIPS: Final = tuple(IPv6Interface(f"fe80::1:{number:x}/128") for number in range(1, 91))
PLAIN: Final = RouterParams("plain", "eth0", 50, 250, VIPS)
MACVLAN: Final = RouterParams("mac", "eth0", 51, 250, VIPS, virtual_mac=True)


def least(device: int, ipv6: int, macvlan: int) -> int:
    links = {
        "eth0": Link(2, 2, "eth0", mtu=device, ipv6_mtu=ipv6),
        "vrrp6-51": Link(3, 2, "vrrp6-51", mtu=macvlan, ipv6_mtu=macvlan),
    }
    return advert_mtu(ways_out([MACVLAN])["eth0"], links.get)


@pytest.mark.parametrize(
    ("device", "ipv6", "macvlan", "expected", "named"),
    [
        (1500, 1500, 1500, 1500, 90),
        (1400, 1500, 1500, 1400, 84),
        (1500, 1480, 1500, 1480, 89),
        (1500, 1500, 1400, 1400, 84),
    ],
    ids=["equal", "device", "ipv6", "macvlan"],
)
def test_the_least_decides_how_many_are_named(
    device: int, ipv6: int, macvlan: int, expected: int, named: int
) -> None:
    mtu = least(device, ipv6, macvlan)
    assert (mtu, len(fitting(MACVLAN, mtu))) == (expected, named)


def test_a_macvlan_that_is_not_there_decides_nothing() -> None:
    ways = ways_out([MACVLAN])["eth0"]
    assert ways == {"eth0", "vrrp6-51"}
    assert advert_mtu(ways, {"eth0": Link(2, 2, "eth0", mtu=1500)}.get) == 1500
    assert advert_mtu(ways, {"eth0": Link(2, 2, "eth0"), "vrrp6-51": Link(3, 2, mtu=1400)}.get) == 1400
    assert advert_mtu(ways, lambda _: None) == 0


def test_packets_leave_by_the_interface_of_the_router_or_its_macvlan() -> None:
    elsewhere = replace(PLAIN, name="other", interface="eth1")
    unicast = replace(MACVLAN, interface="eth2", unicast=Unicast(None, (IPv6Address("fe80::2"),)))
    assert ways_out([PLAIN, elsewhere, MACVLAN, unicast]) == {
        "eth0": {"eth0", "vrrp6-51"},
        "eth1": {"eth1"},
        "eth2": {"eth2"},
    }
