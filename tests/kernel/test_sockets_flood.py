"""Sockets in a flood: what it costs, and that it hides no advert.

Modules: net.vrrp.paced_socket.
"""

import json
import time
from collections import Counter
from typing import Final

import pytest

from sidecar.core.events import PacketReceived
from sidecar.core.wire.advert import Drop
from sidecar.net.vrrp.lan_sockets import LOOK_EVERYWHERE
from sidecar.net.vrrp.pace import REFUSED
from tests.kernel.desk import Desk
from tests.kernel.flooding import flooding
from tests.kernel.listening import (
    ROUTERS,
    SOON,
    all_heard,
    listening,
)
from tests.kernel.own_namespace import inside
from tests.kernel.packets import PEERS, advert
from tests.sample import rest

pytestmark = [pytest.mark.netns, pytest.mark.alone]

RATE: Final = 50_000

SECONDS: Final = 2


def bogus(family: int) -> list[bytes]:
    """Adverts of a hundred sources that nobody here may believe, each for one reason."""
    made = []
    for n in range(150, 250):
        source = PEERS[family] + n
        made += [
            advert(family, vrid=52, priority=255, source=source),
            advert(family, priority=255, source=source, spoil=1),
            advert(family, priority=255, source=source, ttl=64),
        ]
    return made


def endure(d: Desk, frames: list[bytes]) -> dict[str, float]:
    """Hear as the daemon does, until a flood of these frames has been over for a while.

    Return what the sender says, and `cpu`: the seconds that hearing took of this thread.
    """
    with flooding(frames, RATE, SECONDS) as sending:
        begun = time.thread_time()
        while not sending.done():
            d.wait(0.1)
            d.said += d.network.hear()
        spent = time.thread_time() - begun
    return {**json.loads(sending.result().stdout), "cpu": spent}


_SMALL_PACKET = 768
"""Bytes that the kernel counts for a packet of an advert, its own overhead included."""


@pytest.mark.timing
@pytest.mark.parametrize("family", [rest(4), 6])
def test_a_flood_costs_the_kernel_and_hides_no_advert(family: int) -> None:
    def work() -> None:
        with listening(ROUTERS[family]) as (d, _):
            flooded = endure(d, [advert(family), *bogus(family)])
            heard = all_heard(d)
            right = advert(family)
            believed = [packet for packet in heard if right.endswith(packet.payload) and packet.ttl == 255]
            looked_at = len(heard) - len(believed)
            unread = {reason.value: count for reason, count in d.unread.items() if count}
            print(f"IPv{family}: {flooded}, looked at {looked_at}, unread {unread}")
            assert flooded["sent"] / flooded["seconds"] >= 40_000
            assert len(believed) == flooded["singles"]
            # What waits in the queue when the flood ends is looked at later; the kernel doubles its size.
            waiting = 2 * REFUSED.queue / _SMALL_PACKET
            assert looked_at <= REFUSED.rate * (flooded["seconds"] + SOON) + waiting
            # A full queue counts what the filter would have passed by, too.
            accounted = looked_at + sum(unread.values())
            assert 0.95 * flooded["sent"] <= accounted <= flooded["sent"] + flooded["singles"]
            assert d.unread[Drop.FLOOD] > flooded["sent"] / 2
            assert ("vrrp", "flood") in d.troubles
            assert flooded["cpu"] < 0.1 * flooded["seconds"]
            reasons = Counter((packet.payload[1], packet.ttl) for packet in heard)
            assert {(52, 255), (51, 64)} < set(reasons)

    inside(work)


def test_wrong_ipv6_checksums_are_counted_though_no_socket_shows_them() -> None:
    def work() -> None:
        with listening(ROUTERS[6]) as (d, out):
            out.send(*[advert(6, spoil=1)] * 7)
            assert all_heard(d) == []
            d.rest(LOOK_EVERYWHERE)
            assert d.hear() == []
            assert {reason: count for reason, count in d.unread.items() if count} == {Drop.CHECKSUM: 7}
            assert d.troubles == []

    inside(work)


def test_other_virtual_routers_on_the_lan_wake_us_no_more_than_twenty_times_a_second() -> None:
    """A busy LAN, and no flood: everything is shown, nothing is unread."""

    def work() -> None:
        with listening() as (d, out):
            others, woken, heard = 200, 0, 0
            begun = time.monotonic()
            for _ in range(others):
                out.send(advert(vrid=52))
                d.rest(0.005)
                woken += d.wait(0)
                heard += sum(isinstance(event, PacketReceived) for event in d.hear())
            spent = time.monotonic() - begun
            heard += len(all_heard(d))
            assert heard == others
            assert woken <= spent / REFUSED.pause + 1
            assert not any(d.unread.values())

    inside(work)
