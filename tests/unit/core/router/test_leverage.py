"""A backup that hears a master's priority can say whether the weights decide anything."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.actions import Action, Warned
from sidecar.core.router.peers import REMEMBERED
from tests.unit.core.stage import LOW_PEER, backup, heard

MANY = IPv4Address("10.78.0.1")


def warnings(actions: list[Action]) -> list[str]:
    return [a.detail for a in actions if isinstance(a, Warned) and a.reason == "weights"]


@pytest.mark.parametrize(
    ("theirs", "ours", "weights", "useless"),
    [
        (250, 240, (-5,), True),
        (250, 240, (-10,), True),  # equal priorities: the master stays
        (250, 240, (-11,), False),
        (250, 240, (-6, -6), False),
        (254, 235, (5, -10), False),
        (254, 235, (5, -9), True),
        (250, 240, (), False),
        (240, 250, (-5,), False),
        (255, 240, (-5,), False),
        (1, 240, (-5,), False),
        (2, 240, (-5,), False),
    ],
)
def test_weights_that_cannot_bring_this_master_down(
    theirs: int, ours: int, weights: tuple[int, ...], useless: bool
) -> None:
    said = warnings(backup(ours, weights=weights).step([heard(theirs)], 1.0))
    assert bool(said) is useless


def test_the_warning_says_what_to_do_and_is_given_once_for_each_master() -> None:
    waiting = backup(240, weights=(-5,))
    (said,) = warnings(waiting.step([heard(250)], 1.0))
    assert said == (
        "weights cannot move the VIP: 10.77.0.12 has priority 250, and with every weighted check down still "
        "245, no less than our 240 with all of them up; let the weights add up to more than 10"
    )
    assert warnings(waiting.step([heard(250), heard(249)], 2.0)) == []
    assert len(warnings(waiting.step([heard(250, LOW_PEER)], 3.0))) == 1


def test_invented_masters_are_warned_of_up_to_a_bound() -> None:
    waiting = backup(240, weights=(-5,))
    said = [warnings(waiting.step([heard(250, MANY + n)], 1.0 + n)) for n in range(2 * REMEMBERED)]
    assert [bool(each) for each in said] == [True] * REMEMBERED + [False] * REMEMBERED
