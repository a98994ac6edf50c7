"""The election as transcripts: given, events, the commands that follow and their order.

Modules: core.router.state_machine.
"""

from math import inf

import pytest

from sidecar.core.actions import Announce, HoldVips, SendAdvert, TakeoverTimed, TimerFired, Warned
from sidecar.core.events import (
    InterfaceChanged,
    InterfaceState,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.state import State
from tests.unit.core.stage import (
    DOWN,
    DROP,
    DROPPED,
    LINK,
    LOW_PEER,
    PEER,
    US,
    backup,
    commands,
    feed,
    heard,
    hold,
    kinds,
    master,
    moves,
    node,
    router,
    state,
    verdict,
)


def test_nothing_is_said_before_the_ground_is_swept() -> None:
    new = node(255)
    assert commands(new.step([LINK, Started()], 0.0)) == [DROP]
    assert commands(new.step([], 0.9)) == []
    assert state(new) is State.INIT


def test_a_sweep_that_fails_is_repeated() -> None:
    new = node()
    new.step([LINK, Started()], 0.0)
    new.step([VipsDropped("web", "EBUSY")], 0.0)
    assert new.deadline == 0.1
    assert commands(new.step([], 0.1)) == [DROP]
    assert state(new) is State.INIT


def test_a_takeover_asks_the_kernel_first_and_speaks_when_it_has_answered() -> None:
    node = backup(100)
    assert node.deadline == 3.609375
    assert commands(node.step([], 3.609375)) == [hold(2, 6.609375)]
    assert state(node) is State.BACKUP
    actions = node.step([VipsHeld("web", asked_at=3.61)], 3.62)
    assert kinds(actions) == ["Announce", "SendAdvert(100)"]
    assert moves(actions) == [("BACKUP", "MASTER", "master_down_timer")]
    assert [a.not_after for a in commands(actions)] == [5.609999999999999] * 2  # type: ignore[union-attr]


def test_a_first_advert_is_late_after_three_intervals_although_the_lease_is_longer() -> None:
    node = backup(100, interval_cs=10)
    node.step([], 0.4)
    actions = node.step([VipsHeld("web", asked_at=0.4)], 0.4)
    assert [a.not_after for a in commands(actions)] == [pytest.approx(0.7)] * 2  # type: ignore[union-attr]


def test_a_kernel_that_refuses_means_fault_until_it_gives_the_vip_when_asked_again() -> None:
    node = backup()
    node.step([], 4.0)
    actions = node.step([VipsHeld("web", 4.0, "EPERM")], 4.0)
    assert kinds(actions) == ["DropVips"]
    assert moves(actions) == [("BACKUP", "FAULT", "vip")]
    node.step([DROPPED], 4.0)
    assert node.deadline == 5.0
    again = node.step([], 5.0)
    assert (kinds(again), moves(again)) == (["HoldVips"], [])
    assert moves(node.step([VipsHeld("web", 5.0)], 5.0)) == [("FAULT", "MASTER", "master_down_timer")]


def test_a_fault_with_a_second_cause_does_not_spin() -> None:
    node = backup()
    node.step([], 4.0)
    feed(node, (4.0, [VipsHeld("web", 4.0, "EPERM")]), (4.1, [DROPPED, DOWN]))
    node.step([], 5.0)
    assert state(node) is State.FAULT
    assert node.deadline == inf


def test_a_silent_kernel_counts_as_one_that_refuses_after_a_second() -> None:
    node = backup()
    node.step([], 4.0)
    assert node.deadline == 5.0
    assert moves(node.step([], 5.0)) == [("BACKUP", "FAULT", "vip")]


def test_the_advert_timer_keeps_its_phase_when_the_loop_is_late() -> None:
    node = master(at=10.0)
    assert node.deadline == 11.0
    assert kinds(node.step([], 11.04)) == ["HoldVips", "SendAdvert(100)"]
    node.step([VipsHeld("web", 11.04)], 11.05)
    node.step([], 11.1)  # announcement
    assert node.deadline == 12.0


@pytest.mark.parametrize("source", [PEER, LOW_PEER])
def test_a_better_master_takes_over_after_a_last_word_of_ours_and_hears_no_resignation(
    source: object,
) -> None:
    node = master(at=10.0)
    actions = node.step([heard(101, source)], 10.5)  # type: ignore[arg-type]
    assert kinds(actions) == ["SendAdvert(100)", "DropVips"]
    word, drop = commands(actions)
    assert isinstance(word, SendAdvert)
    assert word.not_after == pytest.approx(10.55), "late it would confuse a new election"
    assert drop == DROP
    assert moves(actions) == [("MASTER", "BACKUP", "higher_priority")]
    assert commands(node.step([DROPPED], 10.5)) == []


def test_of_two_equals_the_greater_address_stays() -> None:
    assert moves(master(at=10.0).step([heard(100, PEER)], 10.5)) == [("MASTER", "BACKUP", "higher_priority")]
    assert moves(master(at=10.0).step([heard(100, LOW_PEER)], 10.5)) == []


def test_a_lesser_master_is_answered_at_once_with_adverts_and_announcements() -> None:
    assert kinds(master(at=10.0).step([heard(50)], 10.5)) == ["HoldVips", "SendAdvert(100)", "Announce"]


def test_a_master_that_was_silent_has_no_last_word_to_say() -> None:
    """It was not preempted: when it speaks after our takeover it serves, and that is told."""
    node = backup()
    node.step([heard(200)], 0.5)
    node.step([], 4.2)
    node.step([VipsHeld("web", asked_at=4.2)], 4.2)
    told = [action.reason for action in node.step([heard(90)], 4.3) if isinstance(action, Warned)]
    assert told == ["second_master"]


def test_an_answer_that_comes_too_soon_is_late_and_not_lost() -> None:
    node = master(at=10.0)
    assert kinds(node.step([heard(0)], 10.05)) == []
    assert node.deadline == 10.1
    assert kinds(node.step([], 10.1)) == ["SendAdvert(100)"]


def test_a_backup_whose_vip_the_kernel_does_not_remove_is_a_fault_until_it_is_gone() -> None:
    node = master(at=10.0)
    node.step([heard(200)], 10.5)
    assert moves(node.step([VipsDropped("web", "EBUSY")], 10.5)) == [("BACKUP", "FAULT", "vip")]
    assert moves(node.step([], 10.6)) == []
    assert moves(node.step([VipsDropped("web", "EBUSY")], 10.6)) == []
    assert moves(node.step([], 10.7)) == []
    assert moves(node.step([DROPPED], 10.7)) == [("FAULT", "BACKUP", "recovered")]


def test_priority_zero_of_an_unknown_sender_moves_nothing_while_a_master_is_heard() -> None:
    node = backup(100)
    node.step([heard(200)], 1.0)
    expected = node.deadline
    node.step([heard(0, LOW_PEER)], 1.5)
    assert node.deadline == expected


def test_priority_zero_of_an_unknown_sender_counts_when_the_master_is_silent() -> None:
    node = backup(100)
    node.step([heard(200)], 1.0)
    node.step([heard(0, LOW_PEER)], 3.5)
    assert node.deadline == 3.5 + 156 / 256


def test_a_master_whose_mac_changes_announces_the_new_one_at_once() -> None:
    node = master(at=10.0)
    new = InterfaceState(2, up=True, mac=bytes(6), addresses=(US,))
    actions = [
        action for action in node.step([InterfaceChanged("eth0", new)], 10.5) if isinstance(action, Announce)
    ]
    assert [frame[6:12] for frame in actions[0].frames] == [bytes(6), bytes(6)]


def test_a_priority_that_rises_late_is_no_late_timer() -> None:
    """Unfit until 3.9 s of silence had passed: the takeover comes at once, and no timer was late."""
    check = CheckParams("http", "http")
    node = Node(NodeParams("a", (router(100, checks=("http",)),), (check,)), 0.0)
    feed(node, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    actions = node.step([verdict("http", up=True, detail="200", at=3.9)], 3.9)
    assert [action for action in actions if isinstance(action, TimerFired)] == [
        TimerFired("web", "master_down", 0.0)
    ]
    assert kinds(actions) == ["HoldVips"]


def test_a_master_that_appears_during_a_takeover_ends_it() -> None:
    node = backup()
    node.step([], 4.0)
    assert kinds(node.step([heard(100)], 4.0)) == ["DropVips"]
    assert state(node) is State.BACKUP


@pytest.mark.parametrize("change", [DOWN, InterfaceChanged("eth0", None)])
def test_losing_the_link_is_a_fault_without_a_resignation(change: InterfaceChanged) -> None:
    node = master(at=10.0)
    assert moves(node.step([change], 10.5)) == [("MASTER", "FAULT", "link")]
    assert kinds(node.step([DROPPED], 10.5)) == []
    assert node.deadline == inf
    assert moves(node.step([LINK], 20.0)) == [("FAULT", "BACKUP", "recovered")]


def test_a_host_that_cannot_listen_takes_nothing_and_gives_up_what_it_has() -> None:
    deaf = InterfaceChanged(
        "eth0", InterfaceState(2, up=True, mac=bytes(6), addresses=(US,), listen_error="ENOBUFS")
    )
    node = master(at=10.0)
    assert moves(node.step([deaf], 10.5)) == [("MASTER", "FAULT", "link")]
    assert node.snapshot(10.5).routers[0].reason == "cannot listen on eth0: ENOBUFS"
    feed(node, (10.5, [DROPPED]))
    assert commands(node.step([], 30.0)) == []
    assert moves(node.step([LINK], 30.0)) == [("FAULT", "BACKUP", "recovered")]


@pytest.mark.parametrize(("priority", "accept"), [(100, True), (100, False), (255, True), (255, False)])
def test_packets_to_the_vips_are_accepted_if_that_is_wanted_or_the_host_owns_them(
    priority: int,
    accept: bool,
) -> None:
    """RFC 9568 section 6.1, Accept_Mode: the owner of the addresses always accepts."""
    new = node(priority, accept=accept)
    actions = feed(new, (0.0, [LINK, Started()]), (0.0, [DROPPED]), (4.0, []))
    (asked,) = (action for action in actions if isinstance(action, HoldVips))
    assert asked.accept is (accept or priority == 255)


def test_losing_the_link_during_a_takeover_takes_the_request_back() -> None:
    node = backup()
    node.step([], 4.0)
    assert commands(node.step([DOWN], 4.0)) == [DROP]


def test_two_owners_do_not_take_the_vip_from_each_other_for_ever() -> None:
    node = master(255, at=0.0)
    node.step([heard(255)], 0.5)
    node.step([DROPPED], 0.5)
    assert commands(node.step([], 0.6)) == []
    assert node.deadline == 0.5 + 3.00390625


def test_the_owner_does_not_wait() -> None:
    new = node(255)
    new.step([LINK, Started()], 0.0)
    actions = new.step([DROPPED], 0.1)
    assert moves(actions) == [("INIT", "BACKUP", "startup")]
    assert kinds(actions) == ["HoldVips"]


def test_every_advert_carries_our_priority_and_the_source_of_the_interface() -> None:
    (advert,) = (a for a in master(at=10.0).step([], 11.0) if isinstance(a, SendAdvert))
    assert (advert.priority, str(advert.source)) == (100, "10.77.0.11")


def test_a_backup_whose_mac_changes_announces_nothing() -> None:
    node = backup()
    other = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=bytes(6), addresses=(US,)))
    assert kinds(feed(node, (1.0, [other]), (1.1, []))) == []


def test_a_takeover_is_timed_from_the_last_word_of_the_master() -> None:
    node = backup()
    node.step([heard(200)], 0.5)
    (timed,) = (each for each in node.step([], 4.2) if isinstance(each, TakeoverTimed))
    assert timed.phase == "detect"
    assert timed.seconds == pytest.approx(3.7)
