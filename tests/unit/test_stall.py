"""A process that stood still knows it, whichever part of it asks first, and blames nobody else."""

import asyncio

import pytest

from sidecar.checks.probe import Finding, ProbeProgress
from sidecar.checks.schedule import Pace, Polled
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.stall import THAW
from sidecar.stall import BEAT, REPEAT_AFTER, SLACK, StallMeter, StallWatch


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def beating() -> tuple[StallWatch, Clock]:
    clock = Clock()
    watch = StallWatch(clock=clock)
    watch.beat()
    return watch, clock


def test_a_beat_in_time_is_no_stall() -> None:
    watch, clock = beating()
    clock.now += 0.9 * (BEAT + SLACK)
    assert not watch.since(0.0)
    watch.beat()
    clock.now += 0.9 * (BEAT + SLACK)
    assert not watch.since(0.0)
    assert watch.total == 0.0


def test_a_stall_is_known_to_whoever_asks_first() -> None:
    watch, clock = beating()
    before = clock.now
    clock.now += 8.0
    assert watch.since(before)
    assert watch.ended_at == clock.now
    watch.beat()
    assert watch.total == 8.0
    after = clock.now
    clock.now += 0.1
    assert watch.since(before)
    assert not watch.since(after)


def test_who_has_not_begun_to_beat_has_not_stalled() -> None:
    clock = Clock()
    watch = StallWatch(clock=clock)
    clock.now += 100.0
    assert not watch.since(0.0)


def test_a_meter_tells_each_stall_once() -> None:
    watch, clock = beating()
    meter = StallMeter(watch)
    clock.now += 3.0
    assert meter.news() == 3.0
    assert meter.news() == 0.0


def test_what_fails_in_the_thaw_after_a_stall_is_excused_and_what_fails_later_is_not() -> None:
    watch, clock = beating()
    assert not watch.excuses(clock.now)
    before = clock.now
    clock.now += 8.0
    assert watch.excuses(before)
    end = clock.now
    let_pass(watch, clock, THAW - 0.01)
    assert watch.excuses(clock.now)
    let_pass(watch, clock, 0.02)
    assert not watch.excuses(end)
    # A run that has lasted through the stall is excused whenever it ends.
    assert watch.excuses(before)


def test_the_thaw_after_a_short_stall_is_no_longer_than_the_stall() -> None:
    watch, clock = beating()
    clock.now += 0.5
    assert watch.since(clock.now - 0.1)
    let_pass(watch, clock, 0.49)
    assert watch.excuses(clock.now)
    let_pass(watch, clock, 0.02)
    assert not watch.excuses(clock.now)


def let_pass(watch: StallWatch, clock: Clock, seconds: float) -> None:
    """Let time pass in which the loop beats."""
    end = clock.now + seconds
    while clock.now < end:
        watch.beat()
        clock.now = min(end, clock.now + BEAT)
    watch.beat()


def poll(finding: Finding, *, stall: bool, late: float = 0.0) -> tuple[list[CheckResult], int]:
    """Results and runs within 120 ms of a probe: the first lasts through a stall, or begins `late` after."""

    async def scenario() -> tuple[list[CheckResult], int]:
        watch, clock = beating()
        runs, results = 0, list[CheckResult]()

        async def probe(phase: ProbeProgress) -> Finding:
            nonlocal runs
            runs += 1
            if runs == 1 and stall and not late:
                clock.now += 8.0
            phase.reached = "asked"
            return finding

        if stall and late:
            clock.now += 8.0
            let_pass(watch, clock, late)
        polled = asyncio.create_task(Polled(probe, Pace(60.0, 0.3, 0), watch).run(results.append))
        await asyncio.sleep(2.4 * REPEAT_AFTER)
        polled.cancel()
        return results, runs

    return asyncio.run(scenario())


SAYS_NO = Finding(Outcome.FAIL, "connection refused", certain=True)
SILENT = Finding(Outcome.TIMEOUT, "no answer within 200 ms")
WRONG = Finding(Outcome.FAIL, "status 503")


@pytest.mark.parametrize("finding", [SILENT, WRONG])
@pytest.mark.parametrize("late", [0.0, 0.3, 0.9])
def test_a_run_that_failed_in_a_stall_or_in_the_thaw_is_no_result_and_is_soon_repeated(
    finding: Finding, late: float
) -> None:
    results, runs = poll(finding, stall=True, late=late)
    assert results == []
    assert runs >= 2


@pytest.mark.parametrize("finding", [SILENT, WRONG])
def test_a_run_that_fails_after_the_thaw_is_a_failure(finding: Finding) -> None:
    results, runs = poll(finding, stall=True, late=THAW + 0.1)
    assert ([r.outcome for r in results], runs) == ([finding.outcome], 1)


def test_what_a_kernel_said_in_the_thaw_is_a_fact() -> None:
    results, runs = poll(SAYS_NO, stall=True, late=0.1)
    assert ([r.detail for r in results], runs) == ([SAYS_NO.detail], 1)


def test_what_was_refused_in_a_stall_is_asked_again_and_then_believed() -> None:
    results, runs = poll(SAYS_NO, stall=True)
    assert ([r.detail for r in results], runs) == ([SAYS_NO.detail], 2)


def test_a_run_that_passed_across_a_stall_passed() -> None:
    results, runs = poll(Finding(Outcome.PASS, "200"), stall=True)
    assert ([r.outcome for r in results], runs) == ([Outcome.PASS], 1)


def test_a_run_that_failed_while_we_ran_is_a_failure() -> None:
    results, runs = poll(WRONG, stall=False)
    assert ([r.outcome for r in results], runs) == ([Outcome.FAIL], 1)
