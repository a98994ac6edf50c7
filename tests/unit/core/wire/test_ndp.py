"""Unsolicited neighbour advertisements, taken apart here once more, field by field and word by word.

The golden frame was decoded once by tshark 4.0: no complaint, checksum good.
"""

from ipaddress import IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.wire.ndp import claim, solicitation, unsolicited

VIP = IPv6Address("fd77::100")
MAC = bytes.fromhex("00005e000233")

GOLDEN = bytes.fromhex(
    "333300000001" "00005e000233" "86dd"
    "60000000" "0020" "3a" "ff" "fd770000000000000000000000000100" "ff020000000000000000000000000001"
    "88" "00" "797c" "a0000000" "fd770000000000000000000000000100" "02" "01" "00005e000233"
)  # fmt: skip


def sum_of_words(data: bytes) -> int:
    """Return the one's complement sum: all ones over data that carries its right checksum."""
    total = 0
    for at in range(0, len(data), 2):
        total += data[at] << 8 | data[at + 1]
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_the_golden_frame() -> None:
    assert unsolicited(VIP, MAC, router=True) == GOLDEN


@given(st.ip_addresses(v=6), st.binary(min_size=6, max_size=6), st.booleans())
def test_it_tells_all_nodes_that_the_vip_is_here(vip: IPv6Address, mac: bytes, router: bool) -> None:
    frame = unsolicited(vip, mac, router=router)
    ethernet, header, message = frame[:14], frame[14:54], frame[54:]
    assert ethernet == b"\x33\x33\x00\x00\x00\x01" + mac + b"\x86\xdd"

    version, length, next_header, hop_limit = header[0] >> 4, header[4:6], header[6], header[7]
    assert (version, int.from_bytes(length, "big"), next_header, hop_limit) == (6, len(message), 58, 255)
    source, destination = IPv6Address(header[8:24]), IPv6Address(header[24:40])
    assert (source, destination) == (vip, IPv6Address("ff02::1"))

    kind, code, flags, target = message[0], message[1], message[4], IPv6Address(message[8:24])
    is_router, solicited, override = flags & 0x80, flags & 0x40, flags & 0x20
    assert (kind, code, target) == (136, 0, vip)
    assert (bool(is_router), solicited, bool(override)) == (router, 0, True)
    assert (flags & 0x1F, message[5:8]) == (0, bytes(3))
    option, eights_of_bytes, link_layer_address = message[24], message[25], message[26:]
    assert (option, eights_of_bytes, link_layer_address) == (2, 1, mac)

    pseudo_header = header[8:40] + len(message).to_bytes(4, "big") + b"\0\0\0" + bytes((next_header,))
    assert sum_of_words(pseudo_header + message) == 0xFFFF


def test_a_solicitation_asks_the_group_of_the_address() -> None:
    local = IPv6Address("fe80::11")
    frame = solicitation(VIP, local, MAC)
    ethernet, header, message = frame[:14], frame[14:54], frame[54:]
    assert ethernet == bytes.fromhex("3333ff000100") + MAC + b"\x86\xdd"
    assert header[7] == 255
    assert header[8:] == local.packed + IPv6Address("ff02::1:ff00:100").packed
    assert message[:2] == bytes((135, 0))
    assert message[8:] == VIP.packed + bytes((1, 1)) + MAC
    pseudo = header[8:] + len(message).to_bytes(4, "big") + bytes((0, 0, 0, 58))
    assert sum_of_words(pseudo + message) == 0xFFFF
    assert claim(frame[14:]) is None


def test_what_a_neighbour_advertisement_claims() -> None:
    packet = GOLDEN[14:]
    assert claim(packet) == VIP
    assert all(claim(packet[:size]) is None for size in range(64))
    assert claim(packet[:6] + b"\x11" + packet[7:]) is None, "UDP"
    assert claim(packet[:7] + b"\xfe" + packet[8:]) is None, "came through a router"
