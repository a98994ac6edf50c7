"""The judge of restarts: a machine that is too slow is excused, a lease that was not gone on with is not."""

import pytest

from tests.netns.sightings import Answer, Sighting
from tests.netns.unnoticed import ADOPTED, Decision, Restart, decision, faults, judged

VIP = "10.77.0.100"
KILLED, WALL = 100.0, 1_000_000.0
RENEWED = 99.5
NOT_ADOPTED = "refused the VIP (changed)"
LIVED = '{"timestamp": "1970-01-12T13:46:39Z", "event": "adopted"}\n'
"""Told by the process that was killed."""


def seen(*, removed: float | None = None, renewed: float | None = None, late: float = 0.0) -> list[Sighting]:
    found = [Sighting(RENEWED, "added", "a", {"address": VIP})]
    found += [Sighting(RENEWED + 0.01, "late", "", {"by": late})] if late else []
    found += [Sighting(renewed, "added", "a", {"address": VIP})] if renewed else []
    found += [Sighting(removed, "removed", "a", {"address": VIP})] if removed else []
    return found


def restart(what: list[Sighting], decided: Decision) -> Restart:
    answers = [Answer(KILLED + 0.1, KILLED + 0.1, "a", "")]
    return judged(VIP, KILLED, KILLED + 0.1, answers, what, decided)


def test_a_process_that_goes_on_is_fair_and_right() -> None:
    found = restart(seen(renewed=100.6), (100.5, ADOPTED))
    assert (found.judged, found.wrong, found.noticed) == (True, (), ())
    assert faults([found], strictly=True) == []


@pytest.mark.parametrize(
    ("decided", "removed", "wrong"),
    [
        (100.5, 102.0, True),  # a second of the lease was left, and the kernel ended it
        (100.5, 100.6, True),
        (101.4, 101.9, False),  # 0.1 s was left: the machine was slow
        (102.1, 102.2, False),  # the kernel was late to end it
    ],
)
def test_a_refusal_is_judged_by_what_was_left_of_the_lease_then(
    decided: float, removed: float, *, wrong: bool
) -> None:
    found = restart(seen(removed=removed), (decided, NOT_ADOPTED))
    assert not found.fair, "the VIP is gone"
    assert bool(faults([found], strictly=False)) is bool(found.wrong) is found.judged is wrong


def test_a_renewal_that_was_seen_late_is_no_proof() -> None:
    assert faults([restart(seen(removed=102.0), (100.5, NOT_ADOPTED))], strictly=False)
    assert not faults([restart(seen(removed=102.0, late=0.9), (100.5, NOT_ADOPTED))], strictly=False)


def test_a_vip_that_was_removed_before_its_lease_was_over_was_removed_by_a_process() -> None:
    (wrong,) = restart(seen(removed=100.5), (102.0, NOT_ADOPTED)).wrong
    assert wrong == "removed the VIP with 1.000 s of the lease left"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('"event": "adopted"', ADOPTED),
        ('"event": "not_adopted", "result": "changed"', NOT_ADOPTED),
        ('"event": "transition", "to": "BACKUP"', "began as BACKUP, and found no VIP,"),
    ],
)
def test_the_log_tells_when_the_next_process_has_decided_and_what(line: str, what: str) -> None:
    told = f'{{"timestamp": "1970-01-12T13:46:40.500Z", {line}}}\n'
    later = '{"timestamp": "1970-01-12T13:46:41Z", "event": "transition", "to": "MASTER"}\n'
    assert decision(f"{LIVED}Traceback\n{told}{later}", WALL) == (WALL + 0.5, what)


def test_a_log_that_does_not_say_yet_and_half_a_line_are_no_decision() -> None:
    assert decision(LIVED + '{"timestamp": "1970-01-12T13:46:40.5', WALL) is None
