"""The codec: each refusal has its name, and what must hold for every packet of both versions and families.

The checksum is counted here once more, word by word. Known packets are in test_golden.py.

Modules: core.wire.checksum.
"""

import struct
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.address import Address
from sidecar.core.wire.advert import GROUP_V4, GROUP_V6, TRAILER_SIZE, Advert, Drop, decode, encode
from sidecar.core.wire.checksum import internet_checksum

SOURCE = IPv4Address("10.77.0.11")
SOURCE6 = IPv6Address("fe80::11")
VIP = bytes((10, 77, 0, 100))
VIP6 = IPv6Address("fe80::100").packed


def word_by_word(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@dataclass(frozen=True, slots=True)
class Link:
    """Where a packet came from and went to."""

    source: Address
    destination: Address
    pseudo_header: bool = True

    def encode(self, advert: Advert) -> bytes:
        return encode(advert, self.source, self.destination, pseudo_header=self.pseudo_header)

    def decode(self, payload: bytes, ttl: int = 255, min_ttl: int = 255) -> Advert | Drop:
        return decode(payload, self.source, self.destination, ttl, min_ttl)

    def seal(self, text: str | bytes) -> bytes:
        """Hex digits or bytes with their checksum, the one of version 2 or the one with the pseudo-header."""
        data = bytearray.fromhex(text) if isinstance(text, str) else bytearray(text)
        data[6:8] = b"\0\0"
        pseudo = self.source.packed + self.destination.packed + struct.pack("!II", len(data), 112)
        covered = bytes(data) if data[0] >> 4 == 2 else pseudo + data
        data[6:8] = word_by_word(covered).to_bytes(2, "big")
        return bytes(data)


FOUR = Link(SOURCE, GROUP_V4)
SIX = Link(SOURCE6, GROUP_V6)
GOOD2 = FOUR.seal("2133fa0100010000" + VIP.hex() + "00" * 8)
GOOD3 = FOUR.seal("3133fa0100640000" + VIP.hex())
GOOD6 = SIX.seal("3133fa0100640000" + VIP6.hex())
GOODS = pytest.mark.parametrize(
    ("link", "good"), [(FOUR, GOOD2), (FOUR, GOOD3), (SIX, GOOD6)], ids=["v2", "v3", "v3-ipv6"]
)


def set_byte(link: Link, good: bytes, at: int, value: int) -> bytes:
    """The packet with another byte and a right checksum."""
    return link.seal(good[:at] + bytes((value,)) + good[at + 1 :])


class TestEachRefusalHasItsName:
    """RFC 9568 section 7.1, RFC 3768 section 7.1. All checksums are right but where that is the point."""

    @GOODS
    def test_a_good_packet_is_accepted(self, link: Link, good: bytes) -> None:
        assert isinstance(link.decode(good), Advert)

    @GOODS
    def test_no_whole_header(self, link: Link, good: bytes) -> None:
        assert {link.decode(good[:size]) for size in range(8)} == {Drop.LENGTH}

    @GOODS
    def test_a_length_that_is_not_the_one_of_its_address_count(self, link: Link, good: bytes) -> None:
        right = (len(good), len(good) + TRAILER_SIZE)
        wrong = [(good + bytes(82))[:size] for size in range(8, 90, 2) if size not in right]
        assert {link.decode(link.seal(payload)) for payload in wrong} == {Drop.LENGTH}
        assert link.decode(good + b"\0") is Drop.LENGTH
        assert link.decode(set_byte(link, good, 3, 2)) is Drop.LENGTH

    def test_version_2_without_its_authentication_data(self) -> None:
        assert FOUR.decode(set_byte(FOUR, GOOD3, 0, 0x21)) is Drop.LENGTH

    @GOODS
    def test_a_version_that_nobody_knows(self, link: Link, good: bytes) -> None:
        unknown = {set_byte(link, good, 0, version << 4 | 1) for version in (0, 1, *range(4, 16))}
        assert {link.decode(payload) for payload in unknown} == {Drop.VERSION}

    def test_version_2_does_not_know_ipv6(self) -> None:
        assert SIX.decode(set_byte(SIX, GOOD6, 0, 0x21)) is Drop.VERSION
        assert SIX.decode(SIX.seal("2133fa0100010000" + VIP6.hex() + "00" * 8)) is Drop.VERSION

    @GOODS
    def test_a_type_that_is_no_advertisement(self, link: Link, good: bytes) -> None:
        others = {set_byte(link, good, 0, good[0] & 0xF0 | kind) for kind in (0, *range(2, 16))}
        assert {link.decode(payload) for payload in others} == {Drop.TYPE}

    @GOODS
    def test_a_ttl_below_the_least_one(self, link: Link, good: bytes) -> None:
        assert link.decode(good, 254) is Drop.TTL
        assert link.decode(good, 63, min_ttl=64) is Drop.TTL
        assert isinstance(link.decode(good, 64, min_ttl=64), Advert)
        assert isinstance(link.decode(good, 0, min_ttl=0), Advert)

    @GOODS
    def test_a_wrong_checksum(self, link: Link, good: bytes) -> None:
        wrong = {good[:6] + (int.from_bytes(good[6:8], "big") ^ 1 << bit).to_bytes(2, "big") + good[8:]
                 for bit in range(16)}  # fmt: skip
        assert {link.decode(payload) for payload in wrong} == {Drop.CHECKSUM}

    @GOODS
    def test_an_interval_of_zero(self, link: Link, good: bytes) -> None:
        assert link.decode(set_byte(link, good, 5, 0)) is Drop.INTERVAL

    def test_an_authentication_type_other_than_none_and_password(self) -> None:
        assert {FOUR.decode(set_byte(FOUR, GOOD2, 4, kind)) for kind in range(2, 256)} == {Drop.AUTH_TYPE}

    def test_version_2_with_a_pseudo_header_in_its_checksum(self) -> None:
        pseudo = SOURCE.packed + GROUP_V4.packed + struct.pack("!HH", 112, len(GOOD2))
        checksum = word_by_word(pseudo + GOOD2[:6] + b"\0\0" + GOOD2[8:])
        assert FOUR.decode(GOOD2[:6] + checksum.to_bytes(2, "big") + GOOD2[8:]) is Drop.CHECKSUM

    def test_ipv6_without_a_pseudo_header_in_its_checksum(self) -> None:
        checksum = word_by_word(GOOD6[:6] + b"\0\0" + GOOD6[8:])
        assert SIX.decode(GOOD6[:6] + checksum.to_bytes(2, "big") + GOOD6[8:]) is Drop.CHECKSUM


class TestWhatAReceiverMustIgnore:
    """Reserved bits, and authentication data where no authentication is said to be."""

    @pytest.mark.parametrize(("link", "good"), [(FOUR, GOOD3), (SIX, GOOD6)], ids=["v3", "v3-ipv6"])
    def test_the_reserved_bits_of_version_3(self, link: Link, good: bytes) -> None:
        assert link.decode(set_byte(link, good, 4, 0xF0)) == link.decode(good)

    def test_the_authentication_data_of_type_0(self) -> None:
        assert FOUR.decode(FOUR.seal(GOOD2[:-8] + b"whatever")) == FOUR.decode(GOOD2)

    def test_zeros_at_the_end_of_a_password(self) -> None:
        advert = FOUR.decode(FOUR.seal("2133fa0101010000" + VIP.hex() + b"a\0b".hex() + "00" * 5))
        assert isinstance(advert, Advert)
        assert advert.password == b"a\0b"

    def test_a_checksum_of_minus_zero(self) -> None:
        # One's complement has two zeros. Here the rest of the packet adds up to one of them.
        payload = bytes.fromhex("21000000 00010000 00000000 00000000")
        rest = 0xFFFF - word_by_word(payload)
        zero = payload[:14] + (0xFFFF - rest).to_bytes(2, "big")
        assert word_by_word(zero) == 0
        minus_zero = zero[:6] + b"\xff\xff" + zero[8:]
        assert FOUR.decode(zero) == FOUR.decode(minus_zero) == Advert(0, 0, 100, (), 2)


def test_the_interval_of_version_2_is_in_seconds_and_of_version_3_in_centiseconds() -> None:
    assert [FOUR.decode(GOOD2), FOUR.decode(GOOD3)] == [
        Advert(51, 250, 100, (IPv4Address(VIP),), version) for version in (2, 3)
    ]
    longest = FOUR.decode(set_byte(FOUR, GOOD2, 5, 255))
    assert isinstance(longest, Advert)
    assert longest.interval == 255.0


def test_a_longer_password_is_cut_to_eight_bytes() -> None:
    advert = Advert(51, 100, 100, (), 2, b"much too long")
    assert FOUR.decode(FOUR.encode(advert)) == replace(advert, password=b"much too")


bytes_of_a_header = st.integers(0, 255)
trailers = st.one_of(st.just(b""), st.binary(min_size=TRAILER_SIZE, max_size=TRAILER_SIZE))
passwords = st.none() | st.binary(max_size=8).filter(lambda password: not password.endswith(b"\0"))
intervals = st.integers(1, 4095)


def adverts(
    family: int, intervals: st.SearchStrategy[int], **more: st.SearchStrategy[object]
) -> st.SearchStrategy[Advert]:
    return st.builds(
        Advert,
        vrid=bytes_of_a_header,
        priority=bytes_of_a_header,
        interval_cs=intervals,
        addresses=st.lists(st.ip_addresses(v=family), max_size=20).map(tuple),  # type: ignore[arg-type]
        trailer=trailers,
        **more,
    )


version_2 = adverts(4, st.integers(1, 255).map(lambda s: s * 100), version=st.just(2), password=passwords)
version_3 = adverts(4, intervals)
version_3_ipv6 = adverts(6, intervals)
links = st.builds(Link, st.ip_addresses(v=4), st.ip_addresses(v=4), st.booleans())
links_ipv6 = st.builds(Link, st.ip_addresses(v=6), st.ip_addresses(v=6))
sent = st.one_of(st.tuples(links, st.one_of(version_2, version_3)), st.tuples(links_ipv6, version_3_ipv6))
# With other addresses one flipped bit may turn one form of the IPv4 checksum into the other one.
sent_from_here = st.one_of(
    st.tuples(st.sampled_from([FOUR, replace(FOUR, pseudo_header=False)]), st.one_of(version_2, version_3)),
    st.tuples(links_ipv6, version_3_ipv6),
)


@given(st.binary(max_size=90), st.one_of(links, links_ipv6), bytes_of_a_header, bytes_of_a_header)
def test_decode_never_raises(payload: bytes, link: Link, ttl: int, min_ttl: int) -> None:
    assert isinstance(link.decode(payload, ttl, min_ttl), Advert | Drop)


@given(sent)
def test_what_is_encoded_is_decoded(packet: tuple[Link, Advert]) -> None:
    link, advert = packet
    assert link.decode(link.encode(advert)) == advert


@given(sent_from_here, st.data())
def test_no_single_flipped_bit_is_accepted(packet: tuple[Link, Advert], data: st.DataObject) -> None:
    link, advert = packet
    payload = link.encode(advert)
    # An IPv4 checksum does not cover the trailer.
    covered = len(payload) - (len(advert.trailer) if link.source.version == 4 else 0)
    assert isinstance(link.decode(flip(payload, data.draw(st.integers(0, covered * 8 - 1)))), Drop)


@given(links, st.one_of(version_2, version_3), st.integers(0, TRAILER_SIZE * 8 - 1))
def test_a_flipped_bit_in_an_ipv4_trailer_is_left_to_the_authenticator(
    link: Link, advert: Advert, bit: int
) -> None:
    signed = replace(advert, trailer=bytes(TRAILER_SIZE))
    payload = link.encode(signed)
    flipped = flip(payload, (len(payload) - TRAILER_SIZE) * 8 + bit)
    assert link.decode(flipped) == replace(signed, trailer=flipped[-TRAILER_SIZE:])


def flip(payload: bytes, bit: int) -> bytes:
    """The payload with one bit, counted from the first byte, turned over."""
    at, mask = bit // 8, 0x80 >> bit % 8
    return payload[:at] + bytes((payload[at] ^ mask,)) + payload[at + 1 :]


@given(st.binary(max_size=80).filter(lambda data: len(data) % 2 == 0))
def test_the_checksum_is_that_of_rfc_1071(data: bytes) -> None:
    assert internet_checksum(data) == word_by_word(data)
