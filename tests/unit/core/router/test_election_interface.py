"""The interface of a router: what begins when it is known, and what a change of it means to a MASTER.

Modules: core.router.active, core.router.state_machine.
"""

from ipaddress import IPv4Address
from math import inf

import pytest

from sidecar.core.actions import Transition
from sidecar.core.events import InterfaceChanged, InterfaceState, Started, VipsHeld
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    MAC,
    US,
    backup,
    feed,
    heard,
    kinds,
    master,
    node,
    state,
)


def test_nothing_begins_before_the_interface_is_known() -> None:
    begun = node()
    feed(begun, (0.0, [Started()]), (0.0, [DROPPED]))
    assert (state(begun), begun.deadline) == ("INIT", inf)
    begun.step([LINK], 1.0)
    assert state(begun) == "BACKUP"


def test_a_master_whose_interface_gets_one_more_address_announces_nothing() -> None:
    serving = master(at=10.0)
    more = InterfaceState(2, up=True, mac=MAC, addresses=(US, IPv4Address("10.77.0.50")))
    assert kinds(serving.step([InterfaceChanged("eth0", more)], 10.5)) == []


def test_a_transition_to_master_tells_how_long_the_takeover_took() -> None:
    waiting = backup()
    feed(waiting, (0.5, [heard(200)]), (4.2, []))
    moved = waiting.step([VipsHeld("web", asked_at=4.2)], 4.25)
    (serves,) = (each for each in moved if isinstance(each, Transition))
    assert serves.seconds == pytest.approx(3.75)
    (left,) = (each for each in waiting.step([DOWN], 4.3) if isinstance(each, Transition))
    assert left.seconds is None
