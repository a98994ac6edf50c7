"""Which masters are followed, outwaited and replaced."""

import pytest

from sidecar.core.router.preemption import Preemption, Verdict
from sidecar.core.snapshot import MasterSeen
from sidecar.core.wire.advert import Advert
from tests.unit.core.router.test_admission import UNKNOWN_SENDER
from tests.unit.core.stage import PEER, router


@pytest.mark.parametrize(
    ("theirs", "mine", "preempt", "before", "verdict"),
    [
        (100, 100, True, None, Verdict.FOLLOW),
        (101, 100, True, None, Verdict.FOLLOW),
        (99, 100, True, None, Verdict.OUTWAIT),
        (99, 100, False, None, Verdict.FOLLOW),
        (99, 255, False, None, Verdict.OUTWAIT),
        (1, 100, False, None, Verdict.OUTWAIT),
        (1, 1, True, None, Verdict.FOLLOW),
        (99, 100, True, 200, Verdict.REPLACE),
        (99, 100, False, 200, Verdict.REPLACE),
        (1, 100, False, 200, Verdict.REPLACE),
    ],
)
def test_preemption(theirs: int, mine: int, preempt: bool, before: int | None, verdict: Verdict) -> None:
    seen = None if before is None else MasterSeen(PEER, before, 0.0, 1.0)
    rule = Preemption(router(100, preempt=preempt))
    assert rule.judge(Advert(51, theirs, 100, ()), PEER, seen, mine, 1.0) is verdict


def verdicts(rule: Preemption, *heard: tuple[int, int]) -> list[Verdict]:
    """The reaction to one master's adverts, each (its priority, ours), a second apart."""
    made: list[Verdict] = []
    before: MasterSeen | None = None
    for at, (theirs, mine) in enumerate(heard):
        made.append(rule.judge(Advert(51, theirs, 100, ()), PEER, before, mine, float(at)))
        before = MasterSeen(PEER, theirs, float(at), 1.0)
    return made


def test_without_preemption_a_lesser_master_stays_until_it_falls_below_its_own_best() -> None:
    rule = Preemption(router(100, preempt=False))
    assert verdicts(rule, (90, 100), (90, 100), (70, 100), (70, 100)) == [
        Verdict.FOLLOW,
        Verdict.FOLLOW,
        Verdict.REPLACE,
        Verdict.REPLACE,
    ]


def test_without_preemption_a_master_that_lost_what_we_lost_stays() -> None:
    rule = Preemption(router(100, preempt=False, weights=(-20,)))
    assert verdicts(rule, (90, 100), (70, 80), (70, 100)) == [
        Verdict.FOLLOW,
        Verdict.FOLLOW,
        Verdict.REPLACE,
    ]


def test_what_one_master_was_is_not_held_against_another() -> None:
    rule = Preemption(router(100, preempt=False))
    assert verdicts(rule, (90, 100)) == [Verdict.FOLLOW]
    assert rule.judge(Advert(51, 80, 100, ()), UNKNOWN_SENDER, None, 100, 1.0) is Verdict.FOLLOW


def test_preempt_delay_counts_from_the_first_lesser_advert() -> None:
    rule = Preemption(router(100, preempt_delay=5.0))
    made = [rule.judge(Advert(51, 50, 100, ()), PEER, None, 100, now) for now in (1.0, 5.9, 6.0)]
    assert made == [Verdict.FOLLOW, Verdict.FOLLOW, Verdict.OUTWAIT]
