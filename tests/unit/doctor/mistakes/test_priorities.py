"""Priorities and weights."""

import pytest

from sidecar.doctor.mistakes.priorities import judge
from tests.unit.doctor.handmade import evidence, heard, node, problems, router, running, told


def test_two_hosts_with_one_priority() -> None:
    (found,) = problems(judge(evidence(heard(priority=240))))
    assert found.what == "192.0.2.11 has the same priority, 240"
    assert found.mend == "PRIORITY=230   # on one of the hosts"


def test_a_standby_says_its_priority_in_its_status_alone() -> None:
    same = {"configured": 240, "effective": 220}
    shown = running(told(state="MASTER") | {"nodes": [node(state="BACKUP", priority=same)]})  # type: ignore[arg-type]
    (found,) = problems(judge(evidence(heard(vrid=9), running=shown)))
    assert found.what == "http://192.0.2.11:9650 has the same priority, 240"


@pytest.mark.parametrize("priority", [0, 1, 239, 250, 255])
def test_other_priorities_are_fine_and_those_of_a_sick_host_say_nothing(priority: int) -> None:
    ours = router(priority=1 if priority == 1 else 240)
    assert problems(judge(evidence(heard(priority=priority), router=ours))) == []


def test_weights_that_are_too_small_to_move_the_vip() -> None:
    (found,) = problems(judge(evidence(heard(priority=250), router=router(weights=(-5,)))))
    assert found.what == "the weights cannot move the VIP: they add up to 5"
    assert found.mend == "weight: -11   # or less, for one of the checks; 11 or more in all"
    assert problems(judge(evidence(heard(priority=250), router=router(weights=(-11,))))) == []
