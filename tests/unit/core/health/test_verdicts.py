"""The routers' belief about the checks: verdicts, their age, and an observer that is silent or new.

Modules: core.health.snapshot.
"""

from math import inf, nan

import pytest

from sidecar.core.events import Started, VipsHeld
from sidecar.core.health.health import Health
from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverBack,
    ObserverEvent,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.core.health.params import OBSERVER_SILENCE, CheckParams
from sidecar.core.health.reports import CheckChanged
from sidecar.core.health.result import CheckReported, CheckResult, Outcome
from sidecar.core.health.snapshot import merged
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.stall import THAW, Stalled
from tests.unit.core.stage import DROPPED, LINK, feed, kinds, moves, router, verdict

HTTP = CheckParams("http", "http", max_age=3.0)
AGE = 3.0 + HTTP.told_within
"""Seconds after which a result that was told is stale."""
NGINX = CheckParams("nginx", "process")


def checked(check: CheckParams = HTTP) -> Node:
    """A backup of one check, of which nothing is known yet."""
    node = Node(NodeParams("a", (router(100, checks=(check.name,)),), (check,)), 0.0)
    feed(node, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    return node


def well(check: CheckParams = HTTP, at: float = 1.0) -> Node:
    node = checked(check)
    node.step([verdict(check.name, up=True, detail="200", at=at)], at)
    return node


def effective(node: Node) -> int:
    return node.snapshot(0.0).routers[0].effective_priority


def detail(node: Node) -> str:
    return node.snapshot(0.0).checks[0].detail


def test_without_a_verdict_a_node_contends_at_priority_one() -> None:
    node = checked()
    assert effective(node) == 1
    actions = node.step([verdict("http", up=True, detail="200", at=1.0)], 1.0)
    assert actions[0] == CheckChanged("http", "http", True, "200")
    assert effective(node) == 100


def test_an_unknown_outcome_changes_no_verdict() -> None:
    node = well()
    actions = node.step([CheckVerdict("http", True, True, "the Docker daemon is away", 1.0, 1.5)], 1.5)
    assert [action for action in actions if isinstance(action, CheckChanged)] == []
    assert effective(node) == 100


def test_a_verdict_that_is_as_before_keeps_the_time_of_the_change() -> None:
    node = well()
    node.step([verdict("http", up=True, detail="204", at=2.0)], 2.0)
    assert [(check.detail, check.since) for check in node.snapshot(2.0).checks] == [("204", 1.0)]


def test_a_stale_check_makes_a_master_resign() -> None:
    node = well()
    feed(node, (3.7, []))
    node.step([VipsHeld("web", 3.7), ChecksFresh(((0, 3.7),))], 3.7)
    for at in (4.7, 5.7, 6.7):
        feed(node, (at, []), (at, [VipsHeld("web", at)]))
    actions = node.step([], 3.7 + AGE)
    assert moves(actions) == [("MASTER", "BACKUP", "health")]
    assert kinds(actions) == ["DropVips"]
    assert detail(node) == "no result for 3.0 s"


def test_the_node_wakes_when_a_check_grows_stale() -> None:
    node = well()
    assert node._judgement.verdicts.deadline == 1.0 + AGE
    node.step([ChecksFresh(((0, 2.0),))], 2.0)
    assert node._judgement.verdicts.deadline == 2.0 + AGE
    node.step([], 2.0 + AGE)
    assert node._judgement.verdicts.deadline == inf


def test_a_verdict_counts_again_with_the_next_result() -> None:
    node = well()
    node.step([], 5.0)
    assert effective(node) == 1
    # Older than what is known, or too old to help.
    node.step([ChecksFresh(((0, 0.5),))], 5.1)
    node.step([ChecksFresh(((0, 1.1),))], 5.2)
    assert effective(node) == 1
    assert node.snapshot(5.2).checks[0].since == 5.0
    assert node.step([ChecksFresh(((0, 5.3),))], 5.3)[0] == CheckChanged("http", "http", True, "200")
    assert effective(node) == 100
    assert node.snapshot(5.4).checks[0].since == 5.3


def test_an_older_result_that_comes_late_makes_nothing_older() -> None:
    node = well()
    node.step([ChecksFresh(((0, 2.0),))], 2.0)
    node.step([ChecksFresh(((0, 1.5),))], 2.5)
    assert node._judgement.verdicts.deadline == 2.0 + AGE


def test_what_is_down_is_not_made_well_by_confirmations() -> None:
    node = well()
    node.step([], 5.0)
    node.step([verdict("http", up=False, detail="503", at=5.2)], 5.2)
    node.step([ChecksFresh(((0, 5.3),))], 5.3)
    assert effective(node) == 1
    assert detail(node) == "503"


@pytest.mark.parametrize("at", [1e9, inf, nan])
def test_a_time_to_come_makes_no_result_younger_than_now(at: float) -> None:
    node = well()
    node.step([ChecksFresh(((0, at),))], 2.0)
    node.step([], 2.0 + AGE)
    assert effective(node) == 1


def test_no_check_grows_stale_while_we_ourselves_stand_still() -> None:
    node = well()
    node.step([Stalled(8.0)], 9.5)
    assert effective(node) == 100
    # The time that was left before the stall is left afterwards, and a thaw comes to it.
    node.step([], 8.9 + AGE + THAW)
    assert effective(node) == 100
    node.step([], 9.1 + AGE + THAW)
    assert effective(node) == 1


def test_many_stalls_are_excused_with_one_thaw() -> None:
    node = well()
    for at in range(10):
        node.step([Stalled(0.1)], 1.1 + at / 10)
    node.step([], 1.9 + AGE + THAW)
    assert effective(node) == 100
    node.step([], 2.1 + AGE + THAW)
    assert effective(node) == 1


def test_a_result_after_a_stall_has_its_usual_time() -> None:
    node = well()
    node.step([Stalled(8.0), ChecksFresh(((0, 9.5),))], 9.5)
    node.step([], 9.6 + AGE)
    assert effective(node) == 1


def test_a_result_from_before_a_stall_that_is_heard_after_it_does_not_age_in_it() -> None:
    node = well()
    node.step([Stalled(8.0), ChecksFresh(((0, 1.4),))], 9.5)
    node.step([], 1.4 + 8.0 + AGE + THAW - 0.1)
    assert effective(node) == 100


def test_a_result_of_the_middle_of_a_stall_is_excused_for_the_rest_of_it() -> None:
    node = well()
    node.step([Stalled(8.0), ChecksFresh(((0, 7.5),))], 9.5)
    assert node._judgement.verdicts.deadline == 9.5 + THAW + AGE


def test_what_was_stale_before_a_stall_is_no_better_after_it() -> None:
    for node, stale in ((well(), 5.1), (well(NGINX), 11.1)):
        node.step([ObserverSilent(1.0)], 1.0)
        node.step([], stale)
        assert effective(node) == 1
        node.step([Stalled(8.0)], stale + 8.1)
        assert effective(node) == 1
        assert node.snapshot(0.0).checks[0].up is False


def test_an_event_driven_check_is_believed_while_the_observer_speaks() -> None:
    node = well(NGINX)
    node.step([], 1e6)
    assert effective(node) == 100


def test_a_silent_observer_is_believed_for_a_while() -> None:
    node = well(NGINX)
    node.step([ObserverSilent(5.0)], 6.0)
    node.step([ObserverSilent(7.0)], 8.0)
    node.step([], 5.0 + OBSERVER_SILENCE - 0.1)
    assert effective(node) == 100
    assert node._judgement.verdicts.deadline == 5.0 + OBSERVER_SILENCE
    node.step([], 5.0 + OBSERVER_SILENCE)
    assert effective(node) == 1
    assert detail(node) == "nothing heard of the observer for 10.0 s"


def test_the_same_observer_that_is_heard_again_is_believed_again() -> None:
    node = well(NGINX)
    node.step([ObserverSilent(5.0)], 6.0)
    node.step([], 20.0)
    assert node.step([ObserverBack()], 21.0)[0] == CheckChanged("nginx", "process", True, "200")
    node.step([], 1e6)
    assert effective(node) == 100


def test_a_stall_of_the_router_is_no_silence_of_the_observer() -> None:
    node = well(NGINX)
    node.step([ObserverSilent(5.0)], 6.0)
    node.step([Stalled(60.0)], 66.5)
    node.step([], 74.9)
    assert effective(node) == 100
    node.step([], 75.1)
    assert effective(node) == 1


def test_a_new_observer_must_confirm_each_event_driven_check_within_the_same_time() -> None:
    node = well(NGINX)
    node.step([ObserverSilent(5.0)], 6.0)
    node.step([ObserverStarted()], 7.0)
    # That it speaks is no word of the check.
    node.step([ObserverSilent(8.0), ObserverBack()], 9.0)
    node.step([], 14.9)
    assert effective(node) == 100
    node.step([], 15.0)
    assert effective(node) == 1
    node.step([ChecksFresh(((0, 15.5),))], 15.5)
    assert effective(node) == 100
    node.step([], 1e6)
    assert effective(node) == 100


def test_a_new_observer_that_confirms_in_time_moves_nothing() -> None:
    node = well(NGINX)
    node.step([], 6.0)
    assert node.step([ObserverSilent(5.0), ObserverStarted()], 6.0) == []
    assert node.step([ChecksFresh(((0, 6.5),))], 6.5) == []
    node.step([], 1e6)
    assert effective(node) == 100


def test_what_a_stall_excuses_is_told_to_a_new_observer() -> None:
    node = well()
    node.step([Stalled(8.0), ObserverStarted()], 9.5)
    (known,) = node.verdicts
    assert known.reported_at == min(9.5, 1.0 + 8.0 + THAW)
    assert node._judgement.verdicts.deadline == known.reported_at + AGE


@pytest.mark.parametrize("check", [HTTP, NGINX], ids=lambda check: check.name)
def test_what_was_stale_has_failed_for_a_new_observer_too(check: CheckParams) -> None:
    node = well(check)
    node.step([ObserverSilent(1.0)], 1.0)
    node.step([], 20.0)
    node.step([ObserverStarted()], 21.0)
    assert [known.up for known in node.verdicts] == [False]
    # Both agree on it: another failure confirms the failure and not the verdict of the old one.
    health = Health((check,), 21.0, node.verdicts)
    node.step(heard(health, check, Outcome.FAIL, 22.0), 22.0)
    assert effective(node) == 1
    node.step(heard(health, check, Outcome.PASS, 23.0), 23.0)
    assert effective(node) == 1
    node.step(heard(health, check, Outcome.PASS, 24.0), 24.0)
    assert effective(node) == 100


def heard(health: Health, check: CheckParams, outcome: Outcome, now: float) -> list[ObserverEvent]:
    """The messages to the router about one result."""
    reports = health.step([CheckReported(check.name, CheckResult(outcome, ""))], now)
    return [each for each in reports if isinstance(each, CheckVerdict | ChecksFresh)]


def test_status_shows_the_last_result_of_a_check_whose_verdict_is_agreed_on() -> None:
    node, health = checked(), Health((HTTP,), 0.0)
    node.step(heard(health, HTTP, Outcome.PASS, 1.0), 1.0)
    health.step([CheckReported("http", CheckResult(Outcome.FAIL, "503"))], 1.5)
    (shown,) = merged(node.snapshot(1.5).checks, health.snapshot())
    assert (shown.up, shown.since, shown.detail, shown.reported_at) == (True, 1.0, "503", 1.5)
    node.step([], 5.0)
    (shown,) = merged(node.snapshot(5.0).checks, health.snapshot())
    assert (shown.up, shown.since, shown.detail) == (False, 5.0, "no result for 3.0 s")
    assert merged(node.snapshot(5.0).checks, ()) == node.snapshot(5.0).checks
