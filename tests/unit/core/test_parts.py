"""The small parts of the election, each by itself."""

from ipaddress import IPv4Address
from math import inf

import pytest

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import Unicast
from sidecar.core.router.address_conflict import AddressConflict
from sidecar.core.router.admission import Admission
from sidecar.core.router.announce import Announcer
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.lease import Lease
from sidecar.core.router.peers import REMEMBERED, Peers
from sidecar.core.router.preemption import Preemption, Verdict
from sidecar.core.snapshot import MasterSeen
from sidecar.core.wire.advert import GROUP_V4, Advert, Drop, encode
from sidecar.core.wire.arp import gratuitous
from tests.unit.core.stage import PEER, US, VIP, router


@pytest.mark.parametrize(
    ("interval_cs", "lease"),
    [(1, 1), (10, 1), (50, 1), (79, 1), (80, 1), (100, 2), (200, 5), (300, 8), (4095, 122)],
)
def test_a_lease_is_over_before_the_fastest_peer_takes_over(interval_cs: int, lease: int) -> None:
    assert router(interval_cs=interval_cs).lease == lease


def test_the_down_timer_waits_three_intervals_and_the_skew_of_the_learnt_interval() -> None:
    timer = DownTimer(1.0)
    timer.restart(10.0, 2.0)
    assert timer.deadline(100) == 10 + 6 + 156 * 2 / 256
    timer.hasten(11.0, 100)
    assert timer.deadline(100) == 11 + 156 * 2 / 256


def test_a_second_farewell_puts_nothing_off() -> None:
    timer = DownTimer(1.0)
    timer.hasten(1.0, 100)
    timer.hasten(1.5, 100)
    assert timer.deadline(100) == 1 + 156 / 256


def test_announcements_come_five_times_and_then_every_ten_seconds() -> None:
    announcer, times = Announcer(), []
    announcer.start(0.0)
    while announcer.deadline < 30:
        times.append(round(announcer.deadline, 3))
        assert announcer.due(announcer.deadline)
    assert times == [0.0, 1.1, 2.2, 3.3, 4.4, 14.4, 24.4]
    announcer.cancel()
    assert announcer.deadline == inf


def test_a_flood_makes_no_more_than_ten_announcements_a_second() -> None:
    announcer, sent = Announcer(), 0
    for ms in range(1000):
        announcer.nudge(ms / 1000)
        sent += announcer.due(ms / 1000)
    assert sent == 10


def test_gratuitous_arp_is_a_request_and_a_reply() -> None:
    request, reply = gratuitous(VIP.ip, bytes.fromhex("020000000011"))
    assert request.hex() == (
        "ffffffffffff020000000011080600010800060400010200000000110a4d00640000000000000a4d0064"
    )
    assert reply.hex() == (
        "ffffffffffff020000000011080600010800060400020200000000110a4d0064ffffffffffff0a4d0064"
    )


@pytest.mark.parametrize(
    ("theirs", "mine", "preempt", "before", "verdict"),
    [
        (100, 100, True, None, Verdict.FOLLOW),
        (101, 100, True, None, Verdict.FOLLOW),
        (99, 100, True, None, Verdict.OUTWAIT),
        (99, 100, False, None, Verdict.FOLLOW),
        (99, 255, False, None, Verdict.OUTWAIT),
        (1, 100, False, None, Verdict.OUTWAIT),
        (1, 1, True, None, Verdict.FOLLOW),
        (99, 100, True, 200, Verdict.REPLACE),
        (99, 100, False, 200, Verdict.REPLACE),
        (1, 100, False, 200, Verdict.REPLACE),
    ],
)
def test_preemption(theirs: int, mine: int, preempt: bool, before: int | None, verdict: Verdict) -> None:
    seen = None if before is None else MasterSeen(PEER, before, 0.0, 1.0)
    rule = Preemption(router(100, preempt=preempt))
    assert rule.judge(Advert(51, theirs, 100, ()), PEER, seen, mine, 1.0) is verdict


def verdicts(rule: Preemption, *heard: tuple[int, int]) -> list[Verdict]:
    """The reaction to one master's adverts, each (its priority, ours), a second apart."""
    made: list[Verdict] = []
    before: MasterSeen | None = None
    for at, (theirs, mine) in enumerate(heard):
        made.append(rule.judge(Advert(51, theirs, 100, ()), PEER, before, mine, float(at)))
        before = MasterSeen(PEER, theirs, float(at), 1.0)
    return made


def test_without_preemption_a_lesser_master_stays_until_it_falls_below_its_own_best() -> None:
    rule = Preemption(router(100, preempt=False))
    assert verdicts(rule, (90, 100), (90, 100), (70, 100), (70, 100)) == [
        Verdict.FOLLOW,
        Verdict.FOLLOW,
        Verdict.REPLACE,
        Verdict.REPLACE,
    ]


def test_without_preemption_a_master_that_lost_what_we_lost_stays() -> None:
    rule = Preemption(router(100, preempt=False, weights=(-20,)))
    assert verdicts(rule, (90, 100), (70, 80), (70, 100)) == [
        Verdict.FOLLOW,
        Verdict.FOLLOW,
        Verdict.REPLACE,
    ]


def test_what_one_master_was_is_not_held_against_another() -> None:
    rule = Preemption(router(100, preempt=False))
    assert verdicts(rule, (90, 100)) == [Verdict.FOLLOW]
    assert rule.judge(Advert(51, 80, 100, ()), STRANGER, None, 100, 1.0) is Verdict.FOLLOW


def test_preempt_delay_counts_from_the_first_lesser_advert() -> None:
    rule = Preemption(router(100, preempt_delay=5.0))
    made = [rule.judge(Advert(51, 50, 100, ()), PEER, None, 100, now) for now in (1.0, 5.9, 6.0)]
    assert made == [Verdict.FOLLOW, Verdict.FOLLOW, Verdict.OUTWAIT]


def packet(source: Address = PEER, to: Address = GROUP_V4, vrid: int = 51) -> PacketReceived:
    payload = encode(Advert(vrid, 100, 100, (VIP.ip,)), source, to, pseudo_header=True)
    return PacketReceived("eth0", source, to, 255, payload)


UNICAST = Unicast(US, (PEER,))
STRANGER = IPv4Address("10.77.0.66")


@pytest.mark.parametrize(
    ("heard", "unicast", "drop"),
    [
        (packet(), None, None),
        (packet(source=US), None, Drop.OWN),
        (packet(to=US), None, Drop.DESTINATION),
        (packet(vrid=52), None, Drop.VRID),
        (packet(to=US), UNICAST, None),
        (packet(), UNICAST, Drop.DESTINATION),
        (packet(source=STRANGER, to=US), UNICAST, Drop.SOURCE),
    ],
)
def test_admission(heard: PacketReceived, unicast: Unicast | None, drop: Drop | None) -> None:
    answer = Admission(router(unicast=unicast), None).admit(heard, US, 1.0)
    assert answer is drop if drop else isinstance(answer, Advert)


def test_forged_sources_cannot_fill_the_memory() -> None:
    peers = Peers()
    for n in range(1000):
        peers.hear(STRANGER + n, 100, 1.0, float(n))
    assert peers.observed(1000.0, 1e9) == REMEMBERED


def test_a_farewell_is_forgotten_as_a_master() -> None:
    peers = Peers()
    assert peers.hear(PEER, 100, 1.0, 1.0) is None
    assert peers.hear(PEER, 100, 1.0, 2.5) == 1.5
    peers.hear(PEER, 0, 1.0, 3.0)
    assert peers.master is None
    assert peers.observed(3.0, 10.0) == 0


@pytest.mark.parametrize(("interval", "silent"), [(1.0, 4.0), (5.0, 15.0), (10.0, 30.0), (40.95, 30.0)])
def test_a_master_is_observed_for_three_intervals_of_its_own_up_to_a_bound(
    interval: float, silent: float
) -> None:
    peers = Peers()
    peers.hear(PEER, 50, interval, 1.0)
    assert peers.observed(1.0 + silent, 4.0) == 1
    assert peers.observed(1.1 + silent, 4.0) == 0


def test_a_lesser_one_does_not_take_the_place_of_a_better_one_between_its_adverts() -> None:
    peers = Peers()
    peers.hear(PEER, 200, 5.0, 1.0)
    peers.hear(STRANGER, 50, 1.0, 9.0)
    assert peers.master is not None
    assert peers.master.source == PEER
    peers.hear(STRANGER, 50, 1.0, 11.5)
    assert peers.master.source == STRANGER


def test_the_last_word_of_whom_a_better_one_replaced_changes_no_master() -> None:
    peers = Peers()
    peers.hear(PEER, 200, 1.0, 1.0)
    peers.hear(STRANGER, 150, 1.0, 1.1)
    assert [peers.master and peers.master.source] == [PEER]
    peers.hear(STRANGER, 150, 1.0, 3.1)
    assert [peers.master and peers.master.source] == [STRANGER], "the better one is silent"


def test_an_answer_counts_only_when_no_newer_command_is_under_way() -> None:
    lease = Lease(router())
    lease.hold(0.0, 1.0)
    lease.drop(0.1)
    assert not lease.held(0.0, None)
    assert lease.dropped(0.2, None)
    assert lease.settled


def test_a_flush_is_one_removal_and_ten_in_a_minute_are_a_fight() -> None:
    flush, fight = AddressConflict(), AddressConflict()
    assert not any(flush.note(n / 1000) for n in range(50))
    assert [fight.note(float(n)) for n in range(10)] == [False] * 9 + [True]
    assert not any(AddressConflict().note(n * 7.0) for n in range(100))
