"""What packets say, and that whatever else the wire brings is nothing."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from sidecar.core.wire import arp, ndp
from sidecar.core.wire.advert import Advert, decode, encode
from sidecar.core.wire.captured import (
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    Datagram,
    Frame,
    Spoken,
    Word,
    read,
)

MAC = bytes.fromhex("020000770042")
VIP = IPv4Address("10.77.0.100")
VIP6 = IPv6Address("fd77::100")
LINK = IPv6Address("fe80::11")
RECORDED = {
    ETHERTYPE_IPV4: "45c0002000010000ff70d0410a4d000ce00000123133f0010032e8ff0a4d0064",
    ETHERTYPE_ARP: "000108000604000102000077000c0a4d0064ffffffffffff0a4d0064",
}
"""What keepalived 2.2.7 sent when it became MASTER, as a packet socket of another host gave it."""
ADVERT = bytes.fromhex(RECORDED[ETHERTYPE_IPV4])


def frame(ethertype: int, data: bytes) -> Frame:
    return Frame(False, ethertype, MAC, data)


def test_an_advert_is_taken_out_of_its_ip_header() -> None:
    found = read(frame(ETHERTYPE_IPV4, ADVERT))
    assert isinstance(found, Datagram)
    assert (str(found.source), str(found.destination), found.ttl) == ("10.77.0.12", "224.0.0.18", 255)
    advert = decode(found.payload, found.source, found.destination, found.ttl)
    assert isinstance(advert, Advert)
    assert (advert.vrid, advert.priority, advert.addresses) == (51, 240, (VIP,))


def test_an_announcement_of_keepalived_is_a_claim() -> None:
    announcement = bytes.fromhex(RECORDED[ETHERTYPE_ARP])
    assert read(frame(ETHERTYPE_ARP, announcement)) == Spoken(Word.CLAIMS, VIP, "02:00:00:77:00:0c")


@pytest.mark.parametrize("options", [b"", b"\x94\x04\x00\x00"], ids=["plain", "with an option"])
def test_an_advert_of_ipv4(options: bytes) -> None:
    source, to = IPv4Address("192.0.2.11"), IPv4Address("224.0.0.18")
    body = encode(Advert(51, 250, 100, (VIP,)), source, to, pseudo_header=True)
    header = bytes((0x45 + len(options) // 4, 0xC0)) + (20 + len(options) + len(body)).to_bytes(2, "big")
    header += bytes(4) + bytes((255, 112)) + bytes(2) + source.packed + to.packed + options
    padded = header + body + bytes(10)  # Ethernet fills up short frames
    assert read(frame(ETHERTYPE_IPV4, padded)) == Datagram(source, to, 255, body)


def test_an_advert_of_ipv6() -> None:
    to = ip_address("ff02::12")
    body = encode(Advert(51, 250, 100, (VIP6,)), LINK, to, pseudo_header=True)
    header = (
        bytes((0x60, 0, 0, 0)) + len(body).to_bytes(2, "big") + bytes((112, 255)) + LINK.packed + to.packed
    )
    assert read(frame(ETHERTYPE_IPV6, header + body)) == Datagram(LINK, to, 255, body)


def test_what_arp_says_of_an_address() -> None:
    for announcement in arp.gratuitous(VIP, MAC):
        said = Spoken(Word.CLAIMS, VIP, "02:00:00:77:00:42")
        assert read(frame(ETHERTYPE_ARP, announcement[14:])) == said
    probe = arp.probe(VIP, MAC)
    assert read(frame(ETHERTYPE_ARP, probe[14:])) == Spoken(Word.PROBES, VIP, "02:00:00:77:00:42")


def test_what_a_neighbour_advertisement_says() -> None:
    announcement = ndp.unsolicited(VIP6, MAC, router=False)
    said = Spoken(Word.CLAIMS, VIP6, "02:00:00:77:00:42")
    assert read(frame(ETHERTYPE_IPV6, announcement[14:])) == said
    through_a_router = announcement[14:21] + b"\xfe" + announcement[22:]
    assert read(frame(ETHERTYPE_IPV6, through_a_router)) is None
    assert read(frame(ETHERTYPE_IPV6, ndp.solicitation(VIP6, LINK, MAC)[14:])) is None


@pytest.mark.parametrize("ethertype", [ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, 0x88CC])
@pytest.mark.parametrize("data", [b"", b"\x45", bytes(20), bytes(28), bytes(41), bytes.fromhex("ff" * 64)])
def test_whatever_else_the_wire_brings_is_nothing(ethertype: int, data: bytes) -> None:
    found = read(frame(ethertype, data))
    if isinstance(found, Datagram):  # of an IP header that says so: the decoder judges it
        assert not isinstance(decode(found.payload, found.source, found.destination, found.ttl), Advert)
    else:
        assert found is None
