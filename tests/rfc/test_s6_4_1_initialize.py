"""RFC 9568 section 6.4.1, state Initialize. Requirements in our own words."""

from math import inf

from sidecar.core.events import Started, VipsHeld
from sidecar.core.params import master_down_interval
from sidecar.core.state import State
from tests.unit.core.stage import DROPPED, LINK, heard, kinds, moves, node, state


def test_the_owner_advertises_announces_and_becomes_active_at_startup() -> None:
    """Priority 255: advertise, broadcast a gratuitous ARP for each address, set the timer, go Active.

    Deviation: the ground is swept and the kernel confirms the addresses first.
    """
    owner = node(255)
    owner.step([LINK, Started()], 0.0)
    assert kinds(owner.step([DROPPED], 0.0)) == ["HoldVips"]
    actions = owner.step([VipsHeld("web", 0.0)], 0.0)
    assert kinds(actions) == ["Announce", "SendAdvert(255)"]
    assert moves(actions) == [("BACKUP", "MASTER", "address_owner")]
    assert owner.deadline == 1.0


def test_everybody_else_becomes_backup_with_the_timer_of_the_own_interval() -> None:
    """Otherwise: Active_Adver_Interval is the own interval, the timer is Active_Down_Interval, go Backup."""
    other = node(100, interval_cs=200)
    other.step([LINK, Started()], 0.0)
    assert moves(other.step([DROPPED], 1.0)) == [("INIT", "BACKUP", "startup")]
    assert other.deadline == 1.0 + master_down_interval(100, 2.0)


def test_adverts_move_nothing_before_startup() -> None:
    """Initialize waits for Startup and for nothing else."""
    new = node(100)
    assert moves(new.step([LINK, heard(50), heard(0)], 0.0)) == []
    assert state(new) is State.INIT
    assert new.deadline == inf
