"""The filter in the kernel against the rules of the core, packet by packet through real sockets.

Modules: bpf.
"""

import socket
from collections import Counter
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_interface
from itertools import product
from pathlib import Path
from random import Random
from typing import Final

import pytest

from sidecar import bpf
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams, Unicast
from sidecar.core.router.admission import Admission
from sidecar.core.wire.advert import Advert, Drop, decode, encode
from sidecar.core.wire.constants import GROUPS, V2, V3
from sidecar.net.vrrp.packet_filter import AFFORDABLE, FLOORS, SUMMED, filters
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from tests.kernel.filtering import (
    FRIENDS,
    OWN,
    PACKETS,
    SENTINEL,
    UNKNOWN_SENDERS,
    VIPS,
    Forge,
    flipped,
    judge,
    programs,
    routers,
)
from tests.kernel.own_namespace import inside
from tests.kernel.packets import PEERS
from tests.sample import rest

pytestmark = pytest.mark.netns

SOME: Final = 4_000
"""Packets of a run of the suite: thirty at least of each kind that must be refused."""

REFUSABLE: Final = frozenset(
    {
        Drop.LENGTH,
        Drop.VERSION,
        Drop.TYPE,
        Drop.TTL,
        Drop.CHECKSUM,
        Drop.VRID,
        Drop.DESTINATION,
        Drop.SOURCE,
        Drop.AUTH_MISSING,
    }
)
"""What the filter looks at. The core has other reasons too."""


def set_option_memory(size: int) -> None:
    """Set the room for socket options, filters among them, in this network namespace."""
    room = Path("/proc/sys/net/core/optmem_max")
    if not room.exists():
        pytest.skip("net.core.optmem_max is not a setting of a network namespace before Linux 6.9")
    room.write_text(str(size))


def verdict(packet: PacketReceived) -> Advert | Drop:
    """What the core says of a packet. None of the packets here is our own, any trailer counts as right.

    Whose addresses are advertised is left to the core, so here it has those that the packet names.
    """
    vrid = packet.payload[1] if len(packet.payload) > 1 else 0
    params = routers(packet.source.version).get(vrid)
    if params is None:
        return Drop.VRID
    named = decode(packet.payload, packet.source, packet.destination, packet.ttl, 0)
    if isinstance(named, Advert) and named.addresses:
        params = replace(params, addresses=tuple(map(ip_interface, named.addresses)))
    said = Admission(params, None).admit(packet, None, 0.0)
    if isinstance(said, Advert) and not said.trailer and params.name == "signed":
        return Drop.AUTH_MISSING
    return said


def unsummed(packet: PacketReceived, options: bytes) -> bool:
    """Whether the filter leaves the checksum to the core."""
    password = packet.payload[0] >> 4 == V2
    return bool(options) or packet.payload[3] + 2 * password > SUMMED


@pytest.mark.parametrize(("family", "packets"), [(4, SOME), (6, SOME), rest(4, PACKETS), rest(6, PACKETS)])
def test_it_refuses_nothing_that_the_core_accepts_and_passes_nothing_that_it_need_not(
    family: int, packets: int
) -> None:
    def work() -> None:
        seen: Counter[str] = Counter()
        forge = Forge(Random(family), family)  # noqa: S311  # repeatable
        with judge(family) as kernel:
            for number in range(packets):
                packet, options = forge.make()
                said, went = verdict(packet), kernel.judge(packet, options)
                context = f"packet {number}: {packet}, options {options.hex()}: {said}"
                if isinstance(said, Advert):
                    assert went == "wanted", context
                elif said is Drop.CHECKSUM and family == 6:
                    assert went == "nowhere", context
                elif said in REFUSABLE and not (said is Drop.CHECKSUM and unsummed(packet, options)):
                    assert went != "wanted", context
                seen[said if isinstance(said, Drop) else "accepted"] += 1
        assert seen["accepted"] > packets / 4
        assert all(seen[reason] >= 20 for reason in REFUSABLE), seen

    inside(work)


@pytest.mark.parametrize("family", [4, 6])
def test_every_number_of_addresses_passes(family: int) -> None:
    def work() -> None:
        with judge(family) as kernel:
            for version, count, trailer, pseudo_header in product(
                {4: (V2, V3), 6: (V3,)}[family], range(256), (b"", b"t" * 28), (True, False)
            ):
                addresses, vrid = (VIPS[family].ip,) * count, 54 if version == V2 else 51
                said = Advert(vrid, 240, 100, addresses, version, trailer=trailer)
                payload = encode(said, PEERS[family], GROUPS[family], pseudo_header=pseudo_header)
                packet = PacketReceived("v0", PEERS[family], GROUPS[family], 255, payload)
                # A list that names nothing is refused by the core, and by nobody before it.
                assert isinstance(verdict(packet), Advert) or (count, verdict(packet)) == (0, Drop.ADDRESSES)
                assert kernel.judge(packet) == "wanted"

    inside(work)


@pytest.mark.parametrize("version", [V2, V3])
def test_a_wrong_bit_anywhere_in_an_ipv4_message_is_refused_and_in_the_trailer_left_to_the_core(
    version: int,
) -> None:
    said = Advert(54 if version == V2 else 51, 240, 100, (VIPS[4].ip,), version, trailer=b"t" * 28)
    payload = encode(said, PEERS[4], GROUPS[4], pseudo_header=True)
    end = len(payload) - 28

    def work() -> None:
        with judge(4) as kernel:
            for bit in range(8 * len(payload)):
                packet = PacketReceived("v0", PEERS[4], GROUPS[4], 255, flipped(payload, bit))
                assert kernel.judge(packet) == ("refused" if bit < 8 * end else "wanted")

    inside(work)


def test_the_kernel_itself_refuses_a_wrong_ipv6_checksum_and_counts_it() -> None:
    packet = PacketReceived("v0", PEERS[6], GROUPS[6], 255, flipped(SENTINEL[6], 48))

    def work() -> None:
        with judge(6) as kernel:
            for number in range(1, 4):
                assert kernel.judge(packet) == "nowhere"
                assert [queue.unread() for queue in kernel.queues.values()] == [number] * 3

    inside(work)


@pytest.mark.parametrize("family", [4, 6])
def test_every_wanted_packet_goes_to_the_queue_of_its_sender_or_by_the_floor_of_its_router(
    family: int,
) -> None:
    senders = (FRIENDS[family], UNKNOWN_SENDERS[family])
    floors = {51: 100, 255: 100, 53: 30, 54: 200}

    def expected(packet: PacketReceived) -> str:
        if packet.source in senders:
            return f"sender {senders.index(packet.source)}"
        return "urgent" if packet.payload[2] >= floors.get(packet.payload[1], 1) else "lesser"

    def work() -> None:
        seen: Counter[str] = Counter()
        forge = Forge(Random(family), family)  # noqa: S311  # repeatable
        with judge(family, senders=senders, floors=floors) as kernel:
            for _ in range(PACKETS // 2):
                packet, options = forge.make()
                said, went = verdict(packet), kernel.sort(packet, options)
                if isinstance(said, Advert):
                    assert went == expected(packet), packet
                seen[went] += 1
        assert all(seen[name] > 20 for name in ("sender 0", "urgent", "lesser")), seen

    inside(work)


def test_a_few_floors_are_known_for_any_number_of_routers_and_many_for_none() -> None:
    many = [replace(routers(4)[51], vrid=1 + n) for n in range(255)]

    def work() -> None:
        few, each = {1 + n: 100 + n % FLOORS for n in range(255)}, {1 + n: 100 + n % 99 for n in range(255)}
        with judge(4, *many, floors=few) as kernel:
            for router in many[::20]:
                floor = few[router.vrid]
                assert kernel.sort(advert_of(router, floor, UNKNOWN_SENDERS[4])) == "urgent"
                assert kernel.sort(advert_of(router, floor - 1, UNKNOWN_SENDERS[4])) == "lesser"
            for name, program in programs(filters(many, 4, (), each)).items():
                kernel.queues[name].filter(program)
            for router in many[::20]:
                assert kernel.sort(advert_of(router, 1, UNKNOWN_SENDERS[4])) == "urgent"
                assert kernel.sort(advert_of(router, 0, UNKNOWN_SENDERS[4])) == "lesser"

    inside(work)


def advert_of(
    router: RouterParams, priority: int, source: Address, to: Address | None = None
) -> PacketReceived:
    """A right advert for this router, from anybody."""
    family, destination = source.version, to or GROUPS[source.version]
    said = Advert(router.vrid, priority, 100, (VIPS[family].ip,), router.version)
    payload = encode(said, source, destination, pseudo_header=True)
    return PacketReceived("v0", source, destination, 255, payload)


def crowd(family: int, size: int, peers: int) -> list[RouterParams]:
    """Unicast routers with sources and peers of their own."""
    one, ours = routers(family)[52], OWN[family]
    unicasts = [
        Unicast(ours + 512 * n, tuple(ours + 512 * n + m for m in range(1, 1 + peers))) for n in range(size)
    ]
    return [replace(one, vrid=1 + n, unicast=unicast) for n, unicast in enumerate(unicasts)]


@pytest.mark.parametrize("family", [4, 6])
def test_a_filter_that_would_be_too_long_leaves_addresses_to_the_core(family: int) -> None:
    payload = encode(
        Advert(7, 240, 100, (VIPS[family].ip,)), UNKNOWN_SENDERS[family], OWN[family], pseudo_header=True
    )
    packet = PacketReceived("v0", UNKNOWN_SENDERS[family], OWN[family], 255, payload)

    def work() -> None:
        few, many = crowd(family, 8, 2), crowd(family, 254, 8)
        with judge(family, *few, routers(family)[255]) as kernel:
            assert kernel.judge(packet) == "refused"
            for name, program in programs(filters([*many, routers(family)[255]], family)).items():
                kernel.queues[name].filter(program)
            assert kernel.judge(packet) == "wanted"
            assert kernel.judge(replace(packet, ttl=254)) == "refused"

    inside(work)


@pytest.mark.parametrize("family", [4, 6])
def test_the_longest_filters_fit_where_an_old_kernel_has_20_kib_for_them(family: int) -> None:
    def nearly_too_long(routers: list[RouterParams]) -> bool:
        return AFFORDABLE - 60 < bpf.size(filters(routers, family).urgent) <= AFFORDABLE

    def work() -> None:
        set_option_memory(20480)
        for these in (
            next(filter(nearly_too_long, (crowd(family, 1, peers) for peers in range(200, 1, -1)))),
            next(filter(nearly_too_long, (crowd(family, size, 1) for size in range(100, 1, -1)))),
            crowd(family, 255, 8),
        ):
            with closing(VrrpSocket("v0", socket.if_nametoindex("v0"), family)) as opened:
                opened.listen(filters(these, family).urgent, multicast=True)

    inside(work)
