"""RFC 9568 section 6.4.3, state Active. Requirements in our own words.

Modules: core.router.active, core.router.transmit.
"""

import pytest

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.events import StopRequested
from sidecar.core.params import master_down_interval
from sidecar.core.state import State
from tests.unit.core.stage import (
    DROPPED,
    LOW_PEER,
    MAC,
    PEER,
    VIP,
    commands,
    heard,
    kinds,
    master,
    moves,
    state,
)


def test_active_holds_the_addresses_and_announces_them() -> None:
    """MUST answer ARP for the addresses: the kernel has them, and neighbours are told our MAC."""
    active = master(at=10.0)
    assert active.snapshot(10.0).routers[0].owned == {VIP}
    (announcement,) = (a for a in active.step([], 11.1) if isinstance(a, Announce))
    assert all(frame[6:12] == MAC for frame in announcement.frames)


def test_the_advert_timer_sends_and_is_set_again() -> None:
    """Adver_Timer fires: send an advertisement, set the timer to the interval."""
    active = master(at=10.0)
    assert "SendAdvert(100)" in kinds(active.step([], 11.0))
    active.step([], 11.1)
    assert active.deadline == 12.0


def test_shutdown_sends_priority_zero() -> None:
    """Shutdown: cancel Adver_Timer, send priority 0, go to Initialize.

    Deviation: the addresses are removed first, and priority 0 follows when that is confirmed.
    """
    active = master(at=10.0)
    actions = active.step([StopRequested("asked")], 10.5)
    assert kinds(actions) == ["DropVips"]
    assert moves(actions) == [("MASTER", "INIT", "shutdown")]
    assert kinds(active.step([DROPPED], 10.5)) == ["SendAdvert(0)"]


def test_priority_zero_is_answered_at_once() -> None:
    """An advertisement with priority 0: send an advertisement, reset Adver_Timer."""
    active = master(at=10.0)
    assert "SendAdvert(100)" in kinds(active.step([heard(0)], 10.5))
    active.step([], 11.1)
    assert active.deadline == 11.5


@pytest.mark.parametrize(("priority", "source"), [(101, LOW_PEER), (101, PEER), (100, PEER)])
def test_a_better_active_is_yielded_to(priority: int, source: object) -> None:
    """Priority above ours, or equal and a greater address: learn the interval, go Backup.

    Addition: a last advert first, so that the better one knows of us and announces once more.
    """
    active = master(at=10.0)
    actions = active.step([heard(priority, source, interval_cs=200)], 10.5)  # type: ignore[arg-type]
    assert kinds(actions) == ["SendAdvert(100)", "DropVips"]
    assert state(active) is State.BACKUP
    active.step([DROPPED], 10.5)
    assert active.deadline == 10.5 + master_down_interval(100, 2.0)


@pytest.mark.parametrize(("priority", "source"), [(99, PEER), (100, LOW_PEER)])
def test_a_lesser_active_is_discarded_and_answered(priority: int, source: object) -> None:
    """Otherwise: discard, and send an advertisement at once so that bridges learn who is Active."""
    active = master(at=10.0)
    actions = active.step([heard(priority, source)], 10.5)  # type: ignore[arg-type]
    assert moves(actions) == []
    assert "SendAdvert(100)" in kinds(actions)


def test_no_advert_may_be_sent_by_a_router_that_overslept() -> None:
    """Deviation: the RFC knows no sleep. Each claim carries the moment after which it is void."""
    active = master(at=10.0)
    sent = [a for a in commands(active.step([], 11.0)) if isinstance(a, SendAdvert)]
    assert [a.not_after for a in sent] == [12.0]
    assert moves(active.step([], 13.5)) == [("MASTER", "BACKUP", "stall")]
