"""A picture of the kernel's links and addresses, from messages as the kernel sends them."""

import socket
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface, ip_interface

import pytest

from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.picture import Concerns, KernelPicture
from sidecar.net.kernel.rtnetlink import (
    ADDRESS,
    DEL_ADDRESS,
    DEL_LINK,
    HEADER,
    LINK,
    NEW_ADDRESS,
    NEW_LINK,
    NUMBER,
)
from tests.unit.core.stage import router

INDEX = 7
OWN, OTHER, SIX = ip_interface("10.0.0.1/24"), ip_interface("10.0.0.2/24"), ip_interface("fe80::1/64")
VIP = router().addresses[0]


def message(kind: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(body), kind, 0, 0, 0) + body


def told(*addresses: IPv4Interface | IPv6Interface, index: int = INDEX, flags: int = 0) -> list[bytes]:
    """Return what a dump says of addresses, each in a part of its own."""
    return [
        message(
            NEW_ADDRESS,
            ADDRESS.pack(
                socket.AF_INET if each.version == 4 else socket.AF_INET6,
                each.network.prefixlen,
                0,
                0,
                index,
            )
            + attribute(1, each.ip.packed)
            + attribute(8, NUMBER.pack(flags)),
        )
        for each in addresses
    ]


def seen(picture: KernelPicture) -> list[str]:
    return [str(held.interface) for held in picture.links[INDEX].addresses.values()]


@pytest.fixture
def picture() -> KernelPicture:
    """Return the picture of one link with two addresses, of which everything was taken note of."""
    picture = KernelPicture(Concerns.of([router()]), marks=True)
    link = LINK.pack(socket.AF_UNSPEC, 1, INDEX, 0, 0) + attribute(3, router().interface.encode() + b"\0")
    picture.apply(message(NEW_LINK, link))
    picture.replace_addresses(INDEX, told(OWN, SIX))
    picture.others_changed = False
    picture.vips_changed.clear()
    return picture


def test_a_reading_that_says_what_is_known_changes_nothing(picture: KernelPicture) -> None:
    """Commands side by side read the same interface. A reading that is a change makes the others void."""
    before = picture.generation
    for _ in range(3):
        picture.replace_addresses(INDEX, told(OWN, SIX))
    assert (picture.generation, picture.others_changed, picture.vips_changed) == (before, False, set())
    assert seen(picture) == [str(OWN), str(SIX)]


def test_of_a_vip_that_a_reading_finds_only_that_vip_has_moved(picture: KernelPicture) -> None:
    before = picture.generation
    picture.replace_addresses(INDEX, told(OWN, SIX, VIP))
    assert (picture.generation, picture.others_changed) == (before + 1, False)
    assert picture.vips_changed == {VIP.ip.packed}
    assert [held.interface for _, held in picture.places([VIP])] == [VIP]
    picture.replace_addresses(INDEX, told(OWN, SIX))
    assert (picture.generation, picture.others_changed) == (before + 2, False)
    assert list(picture.places([VIP])) == []


@pytest.mark.parametrize(
    "now",
    [told(OWN), told(OWN, SIX, OTHER), told(SIX, OWN), told(OWN, SIX, flags=0x40), []],
    ids=["gone", "new", "another order", "another state", "none"],
)
def test_what_differs_is_a_change(picture: KernelPicture, now: Iterable[bytes]) -> None:
    before = picture.generation
    picture.replace_addresses(INDEX, now)
    assert picture.generation > before
    assert picture.others_changed
    again = picture.generation
    picture.replace_addresses(INDEX, now)
    assert picture.generation == again


def test_those_of_other_links_are_passed_by(picture: KernelPicture) -> None:
    before = picture.generation
    picture.replace_addresses(INDEX, [*told(OWN, SIX), *told(OTHER, index=INDEX + 1)])
    picture.replace_addresses(INDEX + 1, told(OTHER, index=INDEX + 1))
    assert (picture.generation, seen(picture)) == (before, [str(OWN), str(SIX)])


def point_to_point(kind: int, peer: str) -> bytes:
    """Return what is said of OWN with another end, as hosters give out addresses."""
    end = ip_interface(peer)
    body = ADDRESS.pack(socket.AF_INET, end.network.prefixlen, 0, 0, INDEX)
    return message(kind, body + attribute(1, end.ip.packed) + attribute(2, OWN.ip.packed))


def test_one_address_with_two_ends_is_there_until_both_have_gone(picture: KernelPicture) -> None:
    for peer in ("10.0.0.254/32", "10.0.0.253/32"):
        picture.apply(point_to_point(NEW_ADDRESS, peer))
    assert seen(picture) == [str(OWN), str(SIX), "10.0.0.1/32", "10.0.0.1/32"]
    picture.apply(point_to_point(DEL_ADDRESS, "10.0.0.254/32"))
    assert seen(picture) == [str(OWN), str(SIX), "10.0.0.1/32"]
    picture.apply(point_to_point(DEL_ADDRESS, "10.0.0.253/32"))
    assert seen(picture) == [str(OWN), str(SIX)]


def test_the_other_end_is_known_with_its_prefix_and_an_ordinary_address_has_none(
    picture: KernelPicture,
) -> None:
    picture.apply(point_to_point(NEW_ADDRESS, "10.0.0.254/30"))
    ordinary = ADDRESS.pack(socket.AF_INET, 24, 0, 0, INDEX) + attribute(1, OTHER.ip.packed)
    picture.apply(message(NEW_ADDRESS, ordinary + attribute(2, OTHER.ip.packed)))
    *_, ours, other = picture.links[INDEX].addresses.values()
    assert (str(ours.interface), ours.peer) == ("10.0.0.1/30", "10.0.0.254/30")
    assert (other.interface, other.peer) == (OTHER, "")


ELSEWHERE = 8
LAN = "10.0.0.0/24"


def choosing() -> KernelPicture:
    """Return the picture of two links, of which the first has an address of the network that is meant."""
    made = KernelPicture(Concerns.of([replace(router(), interface=LAN)]), marks=True)
    for index, name in ((INDEX, b"eth0\0"), (ELSEWHERE, b"eth1\0")):
        made.apply(message(NEW_LINK, LINK.pack(socket.AF_UNSPEC, 1, index, 0, 0) + attribute(3, name)))
    made.replace_addresses(INDEX, told(OWN, SIX))
    return made


def chosen(picture: KernelPicture) -> tuple[int, bool]:
    """The index of the chosen interface, 0 for none, and whether it has lost what it was chosen by."""
    link = picture.link(LAN)
    return 0 if link is None else link.index, picture.has_lost(LAN)


def test_an_interface_that_lost_what_it_was_chosen_by_is_still_the_one_to_give_up_the_vips_on() -> None:
    picture = choosing()
    assert chosen(picture) == (INDEX, False)
    picture.replace_addresses(INDEX, told(SIX))
    assert chosen(picture) == (INDEX, True)
    picture.replace_addresses(INDEX, told(OTHER, SIX))
    assert chosen(picture) == (INDEX, False)


def test_what_carries_it_then_is_chosen_instead() -> None:
    picture = choosing()
    assert chosen(picture) == (INDEX, False)
    picture.replace_addresses(INDEX, told(SIX))
    assert chosen(picture) == (INDEX, True)
    picture.replace_addresses(ELSEWHERE, told(OTHER, index=ELSEWHERE))
    assert chosen(picture) == (ELSEWHERE, False)


def test_one_that_is_gone_and_one_that_never_carried_it_are_not_chosen() -> None:
    picture = choosing()
    assert chosen(picture) == (INDEX, False)
    picture.apply(message(DEL_LINK, LINK.pack(socket.AF_UNSPEC, 1, INDEX, 0, 0)))
    assert chosen(picture) == (0, False)
    fresh = choosing()
    fresh.replace_addresses(INDEX, told(SIX))
    assert chosen(fresh) == (0, False)
