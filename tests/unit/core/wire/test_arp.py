"""Gratuitous ARP as bytes."""

from ipaddress import IPv4Address

from sidecar.core.wire.arp import claim, gratuitous, probe, probed
from tests.unit.core.stage import VIP


def test_gratuitous_arp_is_a_request_and_a_reply() -> None:
    request, reply = gratuitous(VIP.ip, bytes.fromhex("020000000011"))
    assert request.hex() == (
        "ffffffffffff020000000011080600010800060400010200000000110a4d00640000000000000a4d0064"
    )
    assert reply.hex() == (
        "ffffffffffff020000000011080600010800060400020200000000110a4d0064ffffffffffff0a4d0064"
    )


def test_a_probe_asks_and_says_nothing() -> None:
    frame = probe(VIP.ip, bytes.fromhex("020000000011"))
    assert frame.hex() == (
        "ffffffffffff0200000000110806000108000604000102000000001100000000" + "000000000000" + "0a4d0064"
    )
    assert claim(frame[14:]) is None


def test_what_an_arp_packet_claims() -> None:
    mac = bytes.fromhex("020000000011")
    for frame in gratuitous(VIP.ip, mac):
        assert claim(frame[14:]) == (VIP.ip, mac)
        assert claim(frame[14:-1]) is None
        assert claim(b"\0\x06" + frame[16:]) is None


def test_who_probes_for_what() -> None:
    mac = bytes.fromhex("020000000011")
    assert probed(probe(VIP.ip, mac)[14:]) == (VIP.ip, mac)
    assert [probed(frame[14:]) for frame in gratuitous(VIP.ip, mac)] == [None, None]
    assert probed(probe(IPv4Address("0.0.0.0"), mac)[14:]) is None
