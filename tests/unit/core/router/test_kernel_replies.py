"""The kernel answers in the order of our commands, and late: only the answer to the newest one counts."""

import pytest

from sidecar.core.actions import SendAdvert, Warned
from sidecar.core.events import (
    Event,
    InterfaceChanged,
    InterfaceState,
    StopRequested,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.node import Node
from sidecar.core.state import State
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    MAC,
    US,
    VIP,
    backup,
    feed,
    heard,
    kinds,
    master,
    moves,
    state,
)

RESIGNED_AT = 4.06
AGAIN = RESIGNED_AT + 156 / 256
"""The second request: Skew_Time of priority 100 after the resignation."""


def asked_twice() -> Node:
    """Asked for the VIPs at 4.0, withdrew that for a better master, which resigned; asked again.

    The kernel owes three answers: to HoldVips, DropVips and HoldVips.
    """
    node = backup(100)
    assert kinds(node.step([], 4.0)) == ["HoldVips"]
    assert kinds(node.step([heard(200)], 4.05)) == ["DropVips"]
    assert kinds(node.step([heard(0)], RESIGNED_AT)) == []
    assert kinds(node.step([], AGAIN)) == ["HoldVips"]
    return node


def test_an_old_confirmation_is_no_claim_to_vips_that_are_about_to_be_removed() -> None:
    node = asked_twice()
    assert node.step([VipsHeld("web", 4.0)], AGAIN + 0.01) == []
    assert node.step([DROPPED], AGAIN + 0.02) == []
    assert state(node) is State.BACKUP
    actions = node.step([VipsHeld("web", AGAIN)], AGAIN + 0.03)
    assert moves(actions) == [("BACKUP", "MASTER", "priority_zero")]
    (advert,) = (a for a in actions if isinstance(a, SendAdvert))
    assert advert.not_after == pytest.approx(AGAIN + 2.0), "the lease counts from the newest request"


def test_an_old_refusal_is_no_fault_while_a_newer_request_is_under_way() -> None:
    node = asked_twice()
    assert moves(node.step([VipsHeld("web", 4.0, "EPERM")], AGAIN + 0.01)) == []
    feed(node, (AGAIN + 0.02, [DROPPED]))
    assert moves(node.step([VipsHeld("web", AGAIN)], AGAIN + 0.03)) == [("BACKUP", "MASTER", "priority_zero")]


def test_an_old_removal_that_failed_is_told_and_takes_nothing_back() -> None:
    node = asked_twice()
    node.step([VipsHeld("web", 4.0)], AGAIN + 0.01)
    actions = node.step([VipsDropped("web", "EBUSY")], AGAIN + 0.02)
    assert [a.reason for a in actions if isinstance(a, Warned)] == ["drop_failed"]
    assert (kinds(actions), moves(actions)) == ([], [])
    assert moves(node.step([VipsHeld("web", AGAIN)], AGAIN + 0.03)) == [("BACKUP", "MASTER", "priority_zero")]
    assert "DropVips" not in kinds(node.step([], AGAIN + 0.2))


@pytest.mark.parametrize("old", [DROPPED, VipsDropped("web", "EBUSY")])
def test_of_two_removals_that_are_under_way_the_second_decides(old: Event) -> None:
    node = asked_twice()
    assert kinds(node.step([heard(200)], AGAIN + 0.01)) == ["DropVips"]
    node.step([VipsHeld("web", 4.0)], AGAIN + 0.02)
    assert moves(node.step([old], AGAIN + 0.03)) == [], "no fault, for the removal was asked for again"
    node.step([VipsHeld("web", AGAIN)], AGAIN + 0.04)
    assert kinds(node.step([], AGAIN + 0.2)) == [], "and is not repeated before its answer"
    assert moves(node.step([VipsDropped("web", "EBUSY")], AGAIN + 0.3)) == [("BACKUP", "FAULT", "vip")]


def test_an_old_removal_after_which_a_newer_request_waits_is_no_resignation() -> None:
    """MASTER resigned; before the removal was answered there was no other host, and it asks again."""
    node = master(at=10.0)
    assert kinds(node.step([heard(200)], 10.5)) == ["SendAdvert(100)", "DropVips"]
    node.step([heard(0)], 10.6)
    again = 10.6 + 156 / 256
    assert kinds(node.step([], again)) == ["HoldVips"]
    assert kinds(node.step([DROPPED], again + 0.01)) == []
    assert kinds(node.step([VipsHeld("web", again)], again + 0.02)) == ["Announce", "SendAdvert(100)"]


def test_an_old_renewal_confirms_nothing_while_a_removal_is_under_way() -> None:
    node = master(at=10.0)
    assert "HoldVips" in kinds(node.step([], 11.0))
    assert kinds(node.step([StopRequested("asked")], 11.01)) == ["DropVips"]
    assert node.step([VipsHeld("web", 11.0)], 11.02) == []
    assert not node.stopped
    assert kinds(node.step([DROPPED], 11.03)) == ["SendAdvert(0)"]
    assert node.stopped


def test_an_old_refusal_of_a_renewal_is_no_fault_once_the_vips_are_given_up() -> None:
    node = master(at=10.0)
    node.step([], 11.0)
    node.step([heard(200)], 11.01)
    assert moves(node.step([VipsHeld("web", 11.0, "ENODEV")], 11.02)) == []
    assert state(node) is State.BACKUP


def test_an_answer_in_between_does_not_renew_a_lease() -> None:
    """Restored at 11.1 after the renewal of 11.0: the lease counts from 11.0 only once that is the newest."""
    node = master(at=10.0)
    node.step([VipsObserved("web", frozenset({VIP}))], 10.1)
    node.step([], 11.0)
    assert kinds(node.step([VipsObserved("web", frozenset())], 11.05)) == ["HoldVips"]
    node.step([VipsHeld("web", 11.0)], 11.06)
    assert moves(node.step([], 12.1)) == [("MASTER", "BACKUP", "stall")], "the lease of 10.0 is the last word"


def given_up() -> Node:
    """MASTER at 3 s, whose kernel owes the renewal of 15.0 for a second: FAULT, the removal is under way."""
    node = master(at=12.0, interval_cs=300)
    assert "HoldVips" in kinds(node.step([], 15.0))
    actions = node.step([], 16.0)
    assert moves(actions) == [("MASTER", "FAULT", "vip")]
    assert kinds(actions) == ["DropVips"]
    return node


REJOINED = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US, US + 100)))


@pytest.mark.parametrize("late", [VipsHeld("web", 15.0), VipsHeld("web", 15.0, "EPERM")])
def test_an_answer_that_was_given_up_is_not_that_of_the_removal_which_followed(late: Event) -> None:
    node = given_up()
    assert kinds(node.step([late], 16.1)) == []
    assert kinds(node.step([REJOINED], 16.2)) == [], "the VIPs are not known to be gone"
    assert kinds(node.step([DROPPED], 16.3)) == ["SendAdvert(0)"]


def test_a_stop_waits_for_the_removal_and_not_for_an_answer_that_was_given_up() -> None:
    node = given_up()
    node.step([StopRequested("asked")], 16.05)
    node.step([VipsHeld("web", 15.0)], 16.1)
    assert not node.stopped
    node.step([DROPPED], 16.3)
    assert node.stopped


def test_a_removal_that_was_given_up_is_asked_for_again_and_its_late_answer_is_welcome() -> None:
    node = master(at=10.0)
    assert kinds(node.step([StopRequested("asked")], 10.5)) == ["DropVips"]
    assert kinds(node.step([], 11.5)) == []
    assert not node.stopped
    assert kinds(node.step([], 11.6)) == ["DropVips"]
    node.step([DROPPED], 11.7)
    assert node.stopped


def test_a_kernel_that_answers_late_but_within_a_second_is_no_fault() -> None:
    node = backup()
    node.step([], 4.0)
    assert moves(node.step([], 4.99)) == []
    assert moves(node.step([VipsHeld("web", 4.0)], 4.99)) == [("BACKUP", "MASTER", "master_down_timer")]


@pytest.mark.parametrize("lost", [DOWN, InterfaceChanged("eth0", None)])
def test_a_confirmation_after_the_link_was_lost_serves_nobody(lost: Event) -> None:
    node = backup()
    node.step([], 4.0)
    assert kinds(node.step([lost], 4.01)) == ["DropVips"]
    assert kinds(node.step([VipsHeld("web", 4.0)], 4.02)) == []
    assert kinds(node.step([LINK], 4.03)) == []
    assert kinds(node.step([DROPPED], 4.04)) == []
    assert state(node) is State.BACKUP


def test_a_removal_that_failed_keeps_a_stop_waiting() -> None:
    node = master(at=10.0)
    node.step([StopRequested("asked")], 10.5)
    node.step([VipsDropped("web", "EBUSY")], 10.5)
    assert not node.stopped
    node.step([], 10.6)
    node.step([DROPPED], 10.7)
    assert node.stopped


def test_who_slept_waits_for_the_kernel_anew_and_no_longer_than_always() -> None:
    node = backup(100, interval_cs=300)
    node.step([], 12.0)
    assert moves(node.step([], 14.0)) == []
    assert node.deadline == 15.0
    actions = node.step([], 15.0)
    assert moves(actions) == [("BACKUP", "FAULT", "vip")]
    assert "no_answer" in [a.reason for a in actions if isinstance(a, Warned)]
