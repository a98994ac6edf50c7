"""RFC 9568 section 6.4.2, state Backup. Requirements in our own words.

Modules: core.router.backup, core.router.takeover.
"""

from math import inf

import pytest

from sidecar.core.events import StopRequested, VipsHeld
from sidecar.core.params import master_down_interval, skew
from sidecar.core.state import State
from tests.unit.core.stage import VIP, backup, heard, kinds, moves, state


def test_backup_never_holds_the_addresses() -> None:
    """MUST NOT answer ARP for the addresses, nor accept packets to them: the kernel does not have them."""
    waiting = backup()
    waiting.step([heard(200)], 1.0)
    router = waiting.snapshot(1.0).routers[0]
    assert not router.desired
    assert VIP not in router.owned


def test_shutdown_cancels_the_timer_and_goes_to_initialize() -> None:
    """Shutdown: cancel Active_Down_Timer, go to Initialize. A backup says nothing."""
    waiting = backup()
    actions = waiting.step([StopRequested("asked")], 1.0)
    assert kinds(actions) == []
    assert moves(actions) == [("BACKUP", "INIT", "shutdown")]
    assert waiting.deadline == inf
    assert waiting.stopped


def test_the_timer_makes_it_active() -> None:
    """Active_Down_Timer fires: send an advertisement, announce, set Adver_Timer, go Active.

    Deviation: first the kernel confirms the addresses.
    """
    waiting = backup()
    assert kinds(waiting.step([], master_down_interval(100, 1.0))) == ["HoldVips"]
    assert kinds(waiting.step([VipsHeld("web", 3.61)], 3.62)) == ["Announce", "SendAdvert(100)"]
    assert state(waiting) is State.MASTER


def test_with_a_startup_delay_the_timer_fires_no_sooner() -> None:
    """Active_Down_Timer fires. Deviation, off by default: not before `startup_delay` and Skew_Time."""
    waiting = backup(startup_delay=10.0)
    assert kinds(waiting.step([], master_down_interval(100, 1.0))) == []
    assert (waiting.deadline, state(waiting)) == (10.0 + skew(100, 1.0), State.BACKUP)
    assert kinds(waiting.step([], waiting.deadline)) == ["HoldVips"]


def test_priority_zero_sets_the_timer_to_skew_time() -> None:
    """An advertisement with priority 0: Active_Down_Timer becomes Skew_Time, of the learnt interval."""
    waiting = backup()
    waiting.step([heard(200, interval_cs=200)], 1.0)
    waiting.step([heard(0, interval_cs=200)], 2.0)
    assert waiting.deadline == 2.0 + skew(100, 2.0)


@pytest.mark.parametrize("priority", [100, 101, 255])
def test_an_advert_at_least_as_good_is_learnt_from_and_restarts_the_timer(priority: int) -> None:
    """Priority at or above ours: learn the interval, restart the timer with it."""
    waiting = backup()
    waiting.step([heard(priority, interval_cs=300)], 1.0)
    assert waiting.deadline == 1.0 + master_down_interval(100, 3.0)


def test_without_preemption_any_advert_restarts_the_timer() -> None:
    """Preempt_Mode false: a lesser advertisement restarts the timer as well."""
    waiting = backup(preempt=False)
    waiting.step([heard(50)], 1.0)
    assert waiting.deadline == 1.0 + master_down_interval(100, 1.0)


def test_with_preemption_a_lesser_advert_is_discarded() -> None:
    """Preempt_Mode true and priority below ours: discard, the timer runs on."""
    waiting = backup()
    waiting.step([heard(50)], 1.0)
    assert waiting.deadline == master_down_interval(100, 1.0)


def test_the_owner_preempts_whatever_preempt_mode_says() -> None:
    """Section 6.1: the router that owns the addresses always preempts."""
    waiting = backup(255, preempt=False)
    waiting.step([heard(254)], 0.5)
    assert kinds(waiting.step([VipsHeld("web", 0.0)], 0.5)) == ["SendAdvert(255)", "Announce"]


def test_a_master_that_lowers_itself_is_replaced_after_skew_time() -> None:
    """Deviation: the RFC would let Active_Down_Timer run out."""
    waiting = backup()
    waiting.step([heard(200)], 1.0)
    waiting.step([heard(50)], 2.0)
    assert waiting.deadline == 2.0 + skew(100, 1.0)


def test_a_master_of_priority_one_is_replaced_even_without_preemption() -> None:
    """Deviation: priority 1 is how a node says that it is unfit."""
    waiting = backup(preempt=False, preempt_delay=60.0)
    waiting.step([heard(1)], 1.0)
    assert waiting.deadline == master_down_interval(100, 1.0)
