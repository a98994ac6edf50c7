"""Which master that was never heard before is an alarm, and which one may be the other host of a pair."""

from ipaddress import IPv4Address

from sidecar.core.actions import Action, Identify, Warned
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.node import Node
from sidecar.core.params import Unicast
from sidecar.core.wire.advert import Advert, encode
from tests.unit.core.stage import LOW_PEER, PEER, US, VIP, backup, heard, master

THIRD = IPv4Address("10.77.0.13")


def warned(actions: list[Action]) -> list[str]:
    return [action.reason for action in actions if isinstance(action, Warned)]


def searched(actions: list[Action]) -> list[Address]:
    return [action.source for action in actions if isinstance(action, Identify)]


def following() -> Node:
    """A backup that follows PEER and heard it last at 2."""
    node = backup()
    for at in (1.0, 2.0):
        node.step([heard(200)], at)
    return node


def test_the_better_host_of_a_pair_that_comes_up_second_is_no_alarm_and_is_searched_for() -> None:
    actions = master().step([heard(250)], 10.5)
    assert warned(actions) == []
    assert searched(actions) == [PEER]


def test_the_better_host_that_returns_to_one_that_was_started_anew_is_no_alarm() -> None:
    returned = following()
    returned.step([heard(0)], 2.5)
    assert warned(returned.step([heard(200)], 60.0)) == []


def test_one_more_that_takes_the_place_of_a_living_master_is_an_alarm() -> None:
    assert warned(following().step([heard(201, LOW_PEER)], 2.5)) == ["unknown_master"]


def test_one_that_a_master_hears_is_an_alarm_if_another_was_heard_before() -> None:
    serving = master()
    serving.step([heard(50)], 10.1)
    actions = serving.step([heard(201, THIRD)], 10.5)
    assert warned(actions) == ["unknown_master"]
    assert searched(actions) == [THIRD]


def test_a_third_host_that_takes_over_from_a_dead_or_resigned_master_is_no_alarm() -> None:
    silent = following()
    assert warned(silent.step([heard(150, LOW_PEER)], 5.1)) == []
    resigned = following()
    resigned.step([heard(0)], 2.5)
    assert warned(resigned.step([heard(150, LOW_PEER)], 2.7)) == []


def test_a_lesser_one_is_another_matter() -> None:
    assert warned(following().step([heard(50, LOW_PEER)], 2.5)) == []
    assert warned(master().step([heard(50)], 10.5)) == ["second_master"]


def test_by_unicast_only_peers_of_the_configuration_are_heard_so_none_is_a_stranger() -> None:
    node = backup(unicast=Unicast(US, (PEER, LOW_PEER)))
    moved: list[Action] = []
    for at, source, priority in ((1.0, PEER, 200), (2.0, PEER, 200), (2.5, LOW_PEER, 201)):
        advert = encode(Advert(51, priority, 100, (VIP.ip,)), source, US, pseudo_header=True)
        moved = node.step([PacketReceived("eth0", source, US, 255, advert)], at)
    assert warned(moved) == []
    seen = node.snapshot(2.5).routers[0].master
    assert seen is not None
    assert seen.source == LOW_PEER
