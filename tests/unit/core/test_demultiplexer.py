"""Which router a packet is for."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, ip_interface

import pytest

from sidecar.core.demultiplexer import Demultiplexer
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.router.election import Election
from sidecar.core.router.router_state import RouterState
from tests.unit.core.stage import VIP, heard, router

SIX = RouterParams("six", "eth0", 51, 100, (ip_interface("fe80::100/128"),))
DB = RouterParams("db", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),))
OTHER_LAN = replace(router(), name="lan", interface="eth1")
DEMULTIPLEXER = Demultiplexer(
    Election(each, RouterState.begin(each, 0.0), [], None) for each in (router(), SIX, DB, OTHER_LAN)
)
ADVERT = heard(100)


def of_vrid(number: int) -> PacketReceived:
    return replace(ADVERT, payload=ADVERT.payload[:1] + bytes((number,)) + ADVERT.payload[2:])


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        pytest.param(ADVERT, "web", id="VRID and interface"),
        pytest.param(replace(ADVERT, interface="eth1"), "lan", id="other interface"),
        pytest.param(replace(ADVERT, source=IPv6Address("fe80::2")), "six", id="other family"),
        pytest.param(of_vrid(52), "db", id="other VRID"),
        pytest.param(of_vrid(53), None, id="unknown VRID"),
        pytest.param(replace(ADVERT, payload=b"\x31"), None, id="one byte"),
        pytest.param(replace(ADVERT, payload=b""), None, id="nothing"),
    ],
)
def test_a_packet_is_for_the_router_of_its_vrid_interface_and_family(
    packet: PacketReceived, name: str | None
) -> None:
    found = DEMULTIPLEXER.by_vrid(packet)
    assert (found.params.name if found else None) == name


def test_a_packet_of_another_vrid_concerns_the_router_whose_vip_it_claims() -> None:
    found = DEMULTIPLEXER.by_vip(of_vrid(53))
    assert found is not None
    assert (found.params.name, VIP in found.params.addresses) == ("web", True)
    assert DEMULTIPLEXER.by_vip(replace(of_vrid(53), interface="eth2")) is None
    assert DEMULTIPLEXER.by_vip(replace(ADVERT, payload=b"", source=IPv4Address("10.77.0.9"))) is None
