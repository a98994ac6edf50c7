"""A process that did not run: its lease is over, and so is its claim."""

import pytest

from sidecar.core.events import (
    ActionExpired,
    VipsHeld,
)
from sidecar.core.state import State
from tests.unit.core.stage import (
    DROP,
    DROPPED,
    backup,
    commands,
    heard,
    kinds,
    master,
    moves,
    state,
)


def test_a_master_that_overslept_drops_and_listens_before_it_hears_anything() -> None:
    node = master(at=10.0)
    actions = node.step([heard(50)], 12.0)
    assert commands(actions) == [DROP]
    assert moves(actions) == [("MASTER", "BACKUP", "stall")]


@pytest.mark.parametrize("action", ["HoldVips", "SendAdvert", "Announce"])
def test_an_act_that_came_too_late_ends_the_claim(action: str) -> None:
    node = master(at=10.0)
    actions = node.step([ActionExpired("web", action, 0.5)], 10.5)
    assert kinds(actions) == ["DropVips"]
    assert moves(actions) == [("MASTER", "BACKUP", "stall")]


def test_a_takeover_whose_request_expired_is_given_up() -> None:
    node = backup()
    node.step([], 4.0)
    assert kinds(node.step([ActionExpired("web", "HoldVips", 0.5)], 8.0)) == ["DropVips"]
    node.step([DROPPED], 8.0)
    assert node.deadline == 8.0 + 3.609375


def test_an_answer_after_the_lease_is_worth_nothing() -> None:
    node = backup()
    node.step([], 4.0)
    assert kinds(node.step([VipsHeld("web", 4.0)], 6.0)) == ["DropVips"]
    assert state(node) is State.BACKUP


def test_a_sleep_between_deciding_and_acting_is_not_blamed_on_the_kernel() -> None:
    node = backup()
    node.step([], 3.7)
    assert moves(node.step([], 5.2)) == []
    assert moves(node.step([VipsHeld("web", 5.19)], 5.21)) == [("BACKUP", "MASTER", "master_down_timer")]
