"""VIPs that somebody else removes or adds."""

from ipaddress import IPv4Interface

from sidecar.core.actions import VipChanged
from sidecar.core.events import (
    ForeignVip,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.state import State
from tests.unit.core.stage import (
    DROPPED,
    VIP,
    backup,
    feed,
    kinds,
    master,
    moves,
    state,
)


def test_a_vip_removed_by_hand_is_put_back_and_announced_again() -> None:
    node = master(at=10.0)
    actions = node.step([VipsObserved("web", frozenset())], 10.5)
    assert VipChanged("web", "removed", (VIP,)) in actions
    assert kinds(actions) == ["HoldVips"]
    assert kinds(node.step([VipsHeld("web", 10.5)], 10.5)) == ["Announce"]


def test_the_steps_of_a_restoration_are_no_removals() -> None:
    other = IPv4Interface("10.77.0.101/32")
    node = master(at=10.0)
    node.step([VipsObserved("web", frozenset())], 10.5)
    assert kinds(node.step([VipsObserved("web", frozenset({other}))], 10.5)) == []


def test_the_tenth_removal_within_a_minute_is_a_fight() -> None:
    node = master(at=10.0)
    for n in range(9):
        at = 10.2 + n * 0.15
        feed(node, (at, [VipsObserved("web", frozenset())]), (at, [VipsHeld("web", at)]))
        node.step([VipsObserved("web", frozenset({VIP}))], at)
    assert state(node) is State.MASTER
    assert moves(node.step([VipsObserved("web", frozenset())], 11.6)) == [("MASTER", "FAULT", "vip")]


def test_an_address_of_somebody_else_is_a_fault_until_it_goes() -> None:
    node = master(at=10.0)
    actions = node.step([VipsObserved("web", frozenset(), frozenset({ForeignVip("eth0", VIP)}))], 10.5)
    assert moves(actions) == [("MASTER", "FAULT", "vip")]
    assert VipChanged("web", "foreign", (VIP,)) in actions
    assert kinds(node.step([DROPPED], 10.5)) == ["SendAdvert(0)"]
    assert moves(node.step([VipsObserved("web", frozenset())], 30.0)) == [("FAULT", "BACKUP", "recovered")]


def test_a_leftover_on_a_backup_is_removed() -> None:
    actions = backup().step([VipsObserved("web", frozenset({VIP}))], 1.0)
    assert VipChanged("web", "leftover", (VIP,)) in actions
    assert kinds(actions) == ["DropVips"]


def test_a_restored_vip_is_announced_as_after_a_takeover_and_not_with_each_renewal() -> None:
    node = master(at=10.0)
    node.step([VipsObserved("web", frozenset())], 10.5)
    said = kinds(node.step([VipsHeld("web", 10.5)], 10.5))
    for second in range(11, 19):
        said += kinds(node.step([], float(second)))
        said += kinds(node.step([VipsHeld("web", float(second))], float(second)))
    assert said.count("Announce") == 5
