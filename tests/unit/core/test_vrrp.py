"""The codec: golden packets, and what must hold for every packet.

The golden packets were decoded once by tshark 4.0: every field agrees, and it calls the checksums with
the pseudo-header good (it knows only that kind). The checksum is counted here once more, word by word.
"""

import json
import struct
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.checksum import internet_checksum
from sidecar.core.vrrp import GROUP_V4, Advert, Drop, decode, encode

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "vrrp3.json").read_text())
SOURCE = IPv4Address("10.77.0.11")
GOOD = bytes.fromhex("3133fa010064dece0a4d0064")

adverts = st.builds(
    Advert,
    vrid=st.integers(0, 255),
    priority=st.integers(0, 255),
    interval_cs=st.integers(1, 4095),
    addresses=st.lists(st.ip_addresses(v=4), max_size=20).map(tuple),
)


def word_by_word(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_golden_packets(golden: dict[str, Any]) -> None:
    source, destination = IPv4Address(golden["source"]), IPv4Address(golden["destination"])
    addresses = tuple(map(IPv4Address, golden["addresses"]))
    advert = Advert(golden["vrid"], golden["priority"], golden["interval_cs"], addresses)
    payload = bytes.fromhex(golden["hex"])
    assert decode(payload, source, destination, 255) == advert
    assert encode(advert, source, destination, pseudo_header=golden["pseudo_header"]) == payload
    pseudo = source.packed + destination.packed + struct.pack("!HH", 112, len(payload))
    assert word_by_word(payload + pseudo * golden["pseudo_header"]) == 0


@pytest.mark.parametrize(
    ("payload", "ttl", "drop"),
    [
        (b"", 255, Drop.LENGTH),
        (GOOD[:7], 255, Drop.LENGTH),
        (GOOD[:-1], 255, Drop.LENGTH),
        (GOOD + b"\0", 255, Drop.LENGTH),
        (b"\x21" + GOOD[1:], 255, Drop.VERSION),
        (b"\x32" + GOOD[1:], 255, Drop.TYPE),
        (GOOD, 254, Drop.TTL),
        (GOOD[:2] + b"\xfb" + GOOD[3:], 255, Drop.CHECKSUM),
        (bytes.fromhex("3133fa010000df320a4d0064"), 255, Drop.INTERVAL),
    ],
)
def test_each_refusal_has_its_name(payload: bytes, ttl: int, drop: Drop) -> None:
    assert decode(payload, SOURCE, GROUP_V4, ttl) is drop


@given(st.binary(max_size=60), st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 255))
def test_decode_never_raises(payload: bytes, source: IPv4Address, to: IPv4Address, ttl: int) -> None:
    assert isinstance(decode(payload, source, to, ttl), Advert | Drop)


@given(st.binary(max_size=60), st.ip_addresses(v=6), st.ip_addresses(v=6), st.integers(0, 255))
def test_decode_never_raises_for_ipv6(payload: bytes, source: Any, to: Any, ttl: int) -> None:
    assert isinstance(decode(payload, source, to, ttl), Advert | Drop)


@given(adverts, st.ip_addresses(v=4), st.ip_addresses(v=4), st.booleans())
def test_what_is_encoded_is_decoded(advert: Advert, source: Any, to: Any, pseudo_header: bool) -> None:
    assert decode(encode(advert, source, to, pseudo_header=pseudo_header), source, to, 255) == advert


@given(adverts, st.booleans(), st.data())
def test_no_single_flipped_bit_is_accepted(advert: Advert, pseudo_header: bool, data: st.DataObject) -> None:
    payload = encode(advert, SOURCE, GROUP_V4, pseudo_header=pseudo_header)
    bit = data.draw(st.integers(0, len(payload) * 8 - 1))
    flipped = (int.from_bytes(payload, "big") ^ (1 << bit)).to_bytes(len(payload), "big")
    assert isinstance(decode(flipped, SOURCE, GROUP_V4, 255), Drop)


@given(st.binary(max_size=80).filter(lambda data: len(data) % 2 == 0))
def test_the_checksum_is_that_of_rfc_1071(data: bytes) -> None:
    assert internet_checksum(data) == word_by_word(data)
