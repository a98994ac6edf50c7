"""RFC 9568 sections 5 and 7.1: what a receiver checks. Requirements in our own words."""

from dataclasses import replace

import pytest

from sidecar.core.actions import PacketDropped, Warned
from sidecar.core.events import PacketReceived
from sidecar.core.wire.advert import GROUP_V4, Advert, encode
from tests.unit.core.stage import PEER, US, VIP, backup, commands, heard

GOOD = heard(200)
OLD = encode(Advert(51, 200, 100, (VIP.ip,), version=2), PEER, GROUP_V4, pseudo_header=False)


def with_byte(at: int, value: int) -> PacketReceived:
    payload = bytearray(GOOD.payload)
    payload[at] = value
    return replace(GOOD, payload=bytes(payload))


REFUSED = [
    pytest.param(replace(GOOD, ttl=254), "ttl", id="MUST verify that the TTL is 255"),
    pytest.param(replace(GOOD, payload=OLD), "version", id="MUST verify that the version is 3"),
    pytest.param(with_byte(0, 0x32), "type", id="section 5.2.2: an unknown type MUST be discarded"),
    pytest.param(replace(GOOD, payload=GOOD.payload[:8]), "length", id="MUST verify that it is complete"),
    pytest.param(with_byte(2, 201), "checksum", id="MUST verify the checksum"),
    pytest.param(with_byte(1, 52), "vrid", id="MUST verify that the VRID is configured on the interface"),
    pytest.param(replace(GOOD, source=US), "checksum", id="a source that the checksum does not cover"),
]


@pytest.mark.parametrize(("packet", "reason"), REFUSED)
def test_what_fails_a_check_is_discarded_and_moves_nothing(packet: PacketReceived, reason: str) -> None:
    waiting = backup()
    before = waiting.snapshot(1.0)
    drop, *told = waiting.step([packet], 1.0)
    assert isinstance(drop, PacketDropped)
    assert drop.reason == reason
    assert all(isinstance(action, Warned) for action in told)
    after = waiting.snapshot(1.0)
    assert replace(after, routers=(replace(after.routers[0], mismatches=()),)) == before
    assert waiting.deadline == 3.609375


def test_our_own_packet_is_discarded() -> None:
    drop, _ = backup().step([heard(200, US)], 1.0)
    assert isinstance(drop, PacketDropped)
    assert drop.reason == "own"


def test_addresses_that_share_nothing_with_ours_are_discarded() -> None:
    """Section 7.1: MAY verify the addresses. A master of none of our addresses is not our master."""
    for addresses in ((), (PEER,), (PEER, US)):
        payload = encode(Advert(51, 200, 100, addresses), PEER, GROUP_V4, pseudo_header=True)
        waiting = backup()
        drop, warned = waiting.step([replace(GOOD, payload=payload)], 1.0)
        assert isinstance(drop, PacketDropped)
        assert isinstance(warned, Warned)
        assert (drop.reason, warned.reason) == ("addresses", "addresses")
        assert waiting.deadline == 3.609375


def test_addresses_that_overlap_with_ours_are_reported_and_accepted() -> None:
    """MAY verify the addresses. Refusing a list that shares one would make two masters of that one."""
    payload = encode(Advert(51, 200, 100, (PEER, VIP.ip)), PEER, GROUP_V4, pseudo_header=True)
    waiting = backup()
    actions = waiting.step([replace(GOOD, payload=payload)], 1.0)
    assert any(isinstance(action, Warned) and action.reason == "addresses" for action in actions)
    assert waiting.deadline > 4.6
    assert commands(actions) == []


def test_a_checksum_without_pseudo_header_is_accepted_too() -> None:
    """Section 5.2.8 leaves it out for IPv4; keepalived and FRR include it. Both are accepted."""
    payload = encode(Advert(51, 200, 100, (VIP.ip,)), PEER, GROUP_V4, pseudo_header=False)
    waiting = backup()
    waiting.step([replace(GOOD, payload=payload)], 1.0)
    assert waiting.deadline > 4.6


def test_the_reserved_bits_are_ignored() -> None:
    """Section 5.2.6: reserved bits MUST be zero when sent and ignored when received."""
    payload = bytearray(encode(Advert(51, 200, 100, (VIP.ip,)), PEER, GROUP_V4, pseudo_header=False))
    payload[4] |= 0xF0
    checksum = int.from_bytes(payload[6:8], "big") - 0xF000
    payload[6:8] = (checksum if checksum > 0 else checksum + 0xFFFF).to_bytes(2, "big")
    waiting = backup()
    waiting.step([replace(GOOD, payload=bytes(payload))], 1.0)
    assert waiting.deadline == 1.0 + 3.609375
