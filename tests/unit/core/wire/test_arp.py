"""Gratuitous ARP as bytes."""

from sidecar.core.wire.arp import gratuitous
from tests.unit.core.stage import VIP


def test_gratuitous_arp_is_a_request_and_a_reply() -> None:
    request, reply = gratuitous(VIP.ip, bytes.fromhex("020000000011"))
    assert request.hex() == (
        "ffffffffffff020000000011080600010800060400010200000000110a4d00640000000000000a4d0064"
    )
    assert reply.hex() == (
        "ffffffffffff020000000011080600010800060400020200000000110a4d0064ffffffffffff0a4d0064"
    )
