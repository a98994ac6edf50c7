"""Packets as a packet socket delivers them, from the network header on."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from sidecar.core.events import PacketReceived
from sidecar.core.wire import arp, ndp
from sidecar.core.wire.advert import Advert, encode
from sidecar.doctor.readers.capture import _ARP, _IPV4, _IPV6, Captured, _program, _read
from sidecar.net.vrrp import bpf

MAC = bytes.fromhex("020000000011")
VIP, VIP6 = IPv4Address("192.0.2.100"), IPv6Address("2001:db8::100")
LINK = IPv6Address("fe80::11")
ETHERNET = 14


def read(kind: int, data: bytes) -> Captured | None:
    return _read("eth0", data, kind, "02:00:00:00:00:11", outgoing=False)


def test_gratuitous_arp_claims_an_address_and_a_probe_does_not() -> None:
    for frame in arp.gratuitous(VIP, MAC):
        assert read(_ARP, frame[ETHERNET:]) == Captured("02:00:00:00:00:11", outgoing=False, claimed=VIP)
    assert read(_ARP, arp.probe(VIP, MAC)[ETHERNET:]) is None


def test_a_neighbour_advertisement_claims_an_address_and_a_solicitation_does_not() -> None:
    said = ndp.unsolicited(VIP6, MAC, router=False)[ETHERNET:]
    assert read(_IPV6, said) == Captured("02:00:00:00:00:11", outgoing=False, claimed=VIP6)
    assert read(_IPV6, ndp.solicitation(VIP6, LINK, MAC)[ETHERNET:]) is None
    through_a_router = said[:7] + b"\xfe" + said[8:]
    assert read(_IPV6, through_a_router) is None


@pytest.mark.parametrize("options", [b"", b"\x94\x04\x00\x00"], ids=["plain", "with an option"])
def test_an_advert_of_ipv4(options: bytes) -> None:
    source, to = IPv4Address("192.0.2.11"), IPv4Address("224.0.0.18")
    body = encode(Advert(51, 250, 100, (VIP,)), source, to, pseudo_header=True)
    header = bytes((0x45 + len(options) // 4, 0xC0)) + (20 + len(options) + len(body)).to_bytes(2, "big")
    header += bytes(4) + bytes((255, 112)) + bytes(2) + source.packed + to.packed + options
    padded = header + body + bytes(10)  # Ethernet fills up short frames
    assert read(_IPV4, padded) == Captured(
        "02:00:00:00:00:11", outgoing=False, packet=PacketReceived("eth0", source, to, 255, body)
    )


def test_an_advert_of_ipv6() -> None:
    to = ip_address("ff02::12")
    body = encode(Advert(51, 250, 100, (VIP6,)), LINK, to, pseudo_header=True)
    header = (
        bytes((0x60, 0, 0, 0)) + len(body).to_bytes(2, "big") + bytes((112, 255)) + LINK.packed + to.packed
    )
    found = read(_IPV6, header + body)
    assert found is not None
    assert found.packet == PacketReceived("eth0", LINK, to, 255, body)


@pytest.mark.parametrize("kind", [_ARP, _IPV4, _IPV6])
def test_packets_that_end_early_are_nothing(kind: int) -> None:
    for size in range(20):
        assert read(kind, bytes(size)) is None


def test_the_filter_is_short() -> None:
    assert bpf.size(bpf.assemble(_program())) < 32
