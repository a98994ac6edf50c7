"""Floods of adverts that pass the filter: no sender fills another one's queue, and reading is bounded."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

import pytest

from sidecar.core.actions import PrioritizeSenders
from sidecar.core.events import PacketReceived
from sidecar.core.wire.advert import Drop
from sidecar.net.vrrp.pace import LESSER, PAUSE, URGENT, WHOLE
from tests.kernel.desk import Desk
from tests.kernel.flooding import flooding
from tests.kernel.listening import FOREIGN, ROUTERS, all_heard, listening
from tests.kernel.own_namespace import inside
from tests.kernel.packets import PEERS, advert
from tests.sample import rest, sample

pytestmark = [pytest.mark.netns, pytest.mark.alone]

RATE = 20_000
SECONDS = 2
NAMES = {4: "web", 6: "web6"}
FOUR = pytest.mark.parametrize("family", [4, rest(6)])
SIX = pytest.mark.parametrize("family", [rest(4), 6])
"""A flood lasts for seconds: each test has one family in the sample, and both have some of the tests."""
FLOOR = 200
SHORT = 0.6
"""Least share of the mean pause that a pause has taken on average over a flood, by chance."""


@dataclass
class Endured:
    """The part of a flood that was heard, and the output of its sender."""

    heard: list[PacketReceived] = field(default_factory=list)
    sent: int = 0
    singles: int = 0
    woken: int = 0

    def right(self, priority: int) -> int:
        """How many adverts of this priority were heard."""
        return sum(packet.payload[2] == priority for packet in self.heard)


def endure(d: Desk, single: bytes, others: Sequence[bytes]) -> Endured:
    """Hear as the daemon does while `others` are sent, RATE a second, and ten times a second a single one."""
    endured = Endured()
    with flooding((single, *others), RATE, SECONDS) as sending:
        while not sending.done():
            endured.woken += d.wait(0.1)
            endured.heard += [event for event in d.network.hear() if isinstance(event, PacketReceived)]
    endured.heard += all_heard(d)
    done = json.loads(sending.result().stdout)
    endured.sent, endured.singles = done["sent"], done["singles"]
    repeated, lost = d.unread[Drop.REPEATED], d.unread[Drop.FLOOD]
    print(f"{done}, heard {len(endured.heard)}, repeated {repeated}, lost {lost}, woken {endured.woken}")
    # Nothing is unaccounted for: a full queue counts what its filter would have refused, too.
    assert done["sent"] <= len(endured.heard) + repeated + lost <= done["sent"] + 3 * done["singles"]
    return endured


def crowd(family: int, priority: int) -> list[bytes]:
    """Adverts of 150 senders, none of them the peer."""
    return [advert(family, priority=priority, source=PEERS[family] + 100 + n) for n in range(150)]


def prioritize(d: Desk, family: int, *, floor: int = FLOOR, all_until: float = -inf) -> None:
    """Depend on the peer."""
    senders = (PEERS[family],)
    assert d.network.perform(PrioritizeSenders(NAMES[family], senders, floor, all_until)) is None


@pytest.mark.parametrize(
    ("family", "priority"),
    # Of the sample, the short portion and the urgent one, each in one family.
    [
        row
        for family, first in ((4, 0), (6, 2))
        for row in sample(
            (pytest.param(family, priority, id=f"{priority}-{family}") for priority in (0, 100, 240, 255)),
            4,
            first,
        )
    ],
)
def test_in_any_crowd_every_advert_of_the_followed_master_is_heard_and_a_bounded_number_of_others(
    family: int, priority: int
) -> None:
    def work() -> None:
        with listening(ROUTERS[family]) as (d, _):
            prioritize(d, family)
            endured = endure(d, advert(family, priority=250), crowd(family, priority))
            portion = URGENT if priority >= FLOOR else LESSER
            assert endured.right(250) == endured.singles
            others = len(endured.heard) - endured.singles
            # Before it is a crowd, a queue and what came meanwhile is read whole.
            assert 100 <= others <= portion.rate * (SECONDS + 1) / SHORT + 1000
            assert endured.sent > 3 * others

    inside(work)


@FOUR
def test_lower_ones_do_not_hide_a_new_better_master(family: int) -> None:
    """It is no known sender, but its priority is at least ours: the lower ones cannot fill its queue."""

    def work() -> None:
        with listening(ROUTERS[family]) as (d, _):
            prioritize(d, family)
            new = advert(family, priority=250, source=FOREIGN[family])
            endured = endure(d, new, crowd(family, 100))
            assert endured.right(250) == endured.singles

    inside(work)


@SIX
def test_among_better_ones_a_new_master_is_heard_now_and_then(family: int) -> None:
    """Which is the true one only the core can tell. None is left out for ever."""

    def work() -> None:
        with listening(ROUTERS[family]) as (d, _):
            prioritize(d, family)
            others = crowd(family, 255)
            endured = endure(d, others[0], others[1:])
            senders = {packet.source for packet in endured.heard}
            assert len(senders) == 150

    inside(work)


@pytest.mark.parametrize(
    ("family", "known"), [(4, "sender"), (6, "anybody"), rest(4, "anybody"), rest(6, "sender")]
)
def test_who_forges_the_followed_master_is_read_in_portions_too(family: int, known: str) -> None:
    """The same while nobody is followed: all are heard that a processor has time for, in portions."""

    def work() -> None:
        with listening(ROUTERS[family]) as (d, _):
            prioritize(d, family, all_until=inf if known == "anybody" else -inf)
            forged = [advert(family, priority=p) for p in range(1, 250)]
            forged = forged if known == "sender" else crowd(family, 255)
            endured = endure(d, advert(family, priority=250, source=FOREIGN[family]), forged)
            read = len(endured.heard) + d.unread[Drop.REPEATED]
            assert read <= WHOLE.rate * (SECONDS + 1) / SHORT + 1000
            assert endured.woken <= 1.5 * SECONDS / PAUSE / SHORT
            assert read > WHOLE.rate * SECONDS / 4

    inside(work)


@FOUR
def test_after_the_flood_everything_is_heard_at_once_again(family: int) -> None:
    def work() -> None:
        with listening(ROUTERS[family]) as (d, out):
            prioritize(d, family)
            endure(d, advert(family), crowd(family, 100))
            d.rest(0.2)
            d.hear()
            lost = d.unread[Drop.FLOOD]
            for priority in (100, 255):
                out.send(*crowd(family, priority)[:50])
                heard = [event for event in d.hear() if isinstance(event, PacketReceived)]
                assert len(heard) == 50
                d.rest(0.2)
            out.send(*crowd(family, 255)[:50], *crowd(family, 100), *crowd(family, 255)[:5])
            assert len(all_heard(d)) == 205
            assert d.unread[Drop.FLOOD] == lost

    inside(work)


@SIX
def test_while_queues_change_no_advert_is_lost_and_none_is_heard_twice(family: int) -> None:
    """Each is of another master that is followed now."""

    def work() -> None:
        with listening(ROUTERS[family]) as (d, out):
            said = heard = 0
            begun = time.monotonic()
            while time.monotonic() - begun < 1:
                sender = PEERS[family] + 100 + said % 150
                out.send(advert(family, priority=250, source=sender))
                said += 1
                d.network.perform(PrioritizeSenders(NAMES[family], (sender,), FLOOR, -inf))
                heard += sum(isinstance(event, PacketReceived) for event in d.hear())
                d.rest(0.002)
            heard += len(all_heard(d))
            print(f"{said} said, {heard} heard")
            assert heard == said

    inside(work)


def test_of_what_is_repeated_the_last_is_heard_so_that_the_order_tells_the_truth() -> None:
    def work() -> None:
        with listening(ROUTERS[4]) as (d, out):
            prioritize(d, 4)
            resignation, serving = advert(priority=0), advert(priority=250)
            out.send(*[resignation, serving] * 40, resignation)
            d.rest(PAUSE)
            heard = [event for event in d.hear() if isinstance(event, PacketReceived)]
            assert [packet.payload[2] for packet in heard] == [250, 0]
            assert d.unread[Drop.REPEATED] == 79

    inside(work)


def test_a_few_repetitions_are_all_heard() -> None:
    def work() -> None:
        with listening(ROUTERS[4]) as (d, out):
            out.send(*[advert(priority=250)] * 30)
            assert len(all_heard(d)) == 30

    inside(work)
