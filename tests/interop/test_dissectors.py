"""The instruments themselves: what tshark and scapy complain about, so that their silence means something."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest

from sidecar.core.address import Address
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.arp import gratuitous
from sidecar.core.wire.constants import GROUPS
from sidecar.core.wire.ndp import unsolicited
from tests.interop import by_scapy, by_tshark
from tests.interop import said as said_by
from tests.interop.recording import Frame
from tests.interop.said import Opinion

pytestmark = pytest.mark.interop

Dissect = Callable[..., Opinion]
MAC = bytes.fromhex("02000077000b")
VIPS: dict[int, Address] = {4: IPv4Address("10.77.0.100"), 6: IPv6Address("fd77::100")}
SOURCES: dict[int, Address] = {4: IPv4Address("10.77.0.11"), 6: IPv6Address("fe80::11")}


def checksum(data: bytes) -> int:
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    return ~(total + (total >> 16)) & 0xFFFF


def frame(payload: bytes, family: int, ttl: int = 255) -> Frame:
    """The payload as one Ethernet frame to the group."""
    source, group = SOURCES[family], GROUPS[family]
    if family == 4:
        head = bytes.fromhex("45c0") + (20 + len(payload)).to_bytes(2, "big") + bytes(4) + bytes((ttl, 112))
        tail = source.packed + group.packed
        ip = head + checksum(head + bytes(2) + tail).to_bytes(2, "big") + tail
        return Frame(0, "a", bytes.fromhex("01005e000012") + MAC + b"\x08\x00" + ip + payload)
    ip = bytes.fromhex("6c000000") + len(payload).to_bytes(2, "big") + bytes((112, ttl))
    addresses = source.packed + group.packed
    return Frame(0, "a", bytes.fromhex("333300000012") + MAC + b"\x86\xdd" + ip + addresses + payload)


def advert(version: int, family: int, *, pseudo_header: bool = True) -> bytes:
    return encode(
        Advert(51, 250, 100, (VIPS[family],), version),
        SOURCES[family],
        GROUPS[family],
        pseudo_header=pseudo_header,
    )


@pytest.fixture(params=[by_tshark.opinion, by_scapy.opinion], ids=["tshark", "scapy"])
def dissect(request: pytest.FixtureRequest) -> Dissect:
    chosen: Dissect = request.param
    return chosen


@pytest.mark.parametrize(("version", "family"), [(2, 4), (3, 4), (3, 6)])
def test_a_right_advert_is_praised_and_a_flipped_bit_is_not(
    dissect: Dissect, version: int, family: int
) -> None:
    right = advert(version, family)
    wrong = right[:2] + bytes((right[2] ^ 1,)) + right[3:]
    found = dissect([frame(right, family), frame(wrong, family)])
    assert found.complaints
    assert all(text.startswith("frame 2: ") for text in found.complaints)


def test_each_checksum_of_version_3_is_wrong_where_the_other_is_meant(dissect: Dissect) -> None:
    with_header, without = frame(advert(3, 4), 4), frame(advert(3, 4, pseudo_header=False), 4)
    assert not dissect([with_header]).complaints
    assert dissect([without]).complaints
    assert not dissect([without], pseudo_header=False).complaints
    assert dissect([with_header], pseudo_header=False).complaints


@pytest.mark.parametrize(("version", "family"), [(2, 4), (3, 4), (3, 6)])
def test_a_byte_too_few_or_too_many_is_seen(dissect: Dissect, version: int, family: int) -> None:
    right = advert(version, family)
    # tshark does not look at the last 8 bytes of version 2 if they mean nothing. scapy does.
    blind = version == 2 and dissect is by_tshark.opinion
    for wrong in (right[:-1], right + b"\0"):
        assert bool(dissect([frame(wrong, family)]).complaints) is not blind


def test_the_ttl_is_told_as_it_is(dissect: Dissect) -> None:
    """Neither judges it: the tests of pairs compare it with 255."""
    told = dissect([frame(advert(3, family), family, ttl=64) for family in (4, 6)]).frames
    assert [said.ttl for said in told if isinstance(said, said_by.Advert)] == [64, 64]


def neighbour(destination: str, option: bytes, flags: int) -> Frame:
    """A neighbour advertisement about the IPv6 VIP."""
    target = IPv6Address(destination)
    body = bytes((136, 0, 0, 0, flags, 0, 0, 0)) + VIPS[6].packed + option
    ends = SOURCES[6].packed + target.packed
    right = checksum(ends + len(body).to_bytes(4, "big") + bytes((0, 0, 0, 58)) + body)
    body = body[:2] + right.to_bytes(2, "big") + body[4:]
    ip = bytes.fromhex("60000000") + len(body).to_bytes(2, "big") + bytes((58, 255)) + ends
    return Frame(0, "a", bytes.fromhex("020000770002") + MAC + b"\x86\xdd" + ip + body)


def test_an_answer_to_a_neighbours_probe_needs_no_hardware_address(dissect: Dissect) -> None:
    """Linux leaves it out when the question went to its address alone (RFC 4861, section 7.2.4)."""
    option = bytes((2, 1)) + MAC
    probed = neighbour("fd77::2", b"", 0x60)
    asked = neighbour("fd77::2", option, 0x60)
    answers = dissect([probed, asked])
    assert not answers.complaints
    vip, source = str(VIPS[6]), str(SOURCES[6])
    assert answers.frames == tuple(
        said_by.Neighbour(mac, source, "fd77::2", 255, vip, override=True) for mac in ("", MAC.hex(":"))
    )


def test_an_announcement_without_hardware_address_is_seen(dissect: Dissect) -> None:
    (said,) = dissect([neighbour("ff02::1", b"", 0x20)]).frames
    assert isinstance(said, said_by.Neighbour)
    assert said.announces
    assert said.mac == ""


def test_announcements_are_praised_and_a_flipped_bit_is_seen(dissect: Dissect) -> None:
    arps = gratuitous(IPv4Address("10.77.0.100"), MAC)
    na = unsolicited(IPv6Address("fd77::100"), MAC, router=False)
    assert not dissect([Frame(0, "a", data) for data in (*arps, na)]).complaints
    assert dissect([Frame(0, "a", na[:-1] + b"\0")]).complaints
