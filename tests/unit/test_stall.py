"""A process that stood still knows it, whichever part of it asks first, and blames nobody else."""

import asyncio
import time

from sidecar.checks.probe import Finding, Phase
from sidecar.checks.schedule import Pace, Polled
from sidecar.core.events import CheckResult, Outcome
from sidecar.stall import BEAT, SLACK, StallMeter, StallWatch


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


def run(finding: Finding, *, stall: bool) -> tuple[list[CheckResult], int]:
    """Results and runs of a probe of which the first run lasts a stall of our own loop."""

    async def scenario() -> tuple[list[CheckResult], int]:
        watch, runs, results = StallWatch(), 0, list[CheckResult]()

        async def probe(phase: Phase) -> Finding:
            nonlocal runs
            runs += 1
            if runs == 1 and stall:
                time.sleep(1.2 * (BEAT + SLACK))  # noqa: ASYNC251 - the loop stands still
            phase.reached = "asked"
            return finding

        beats = asyncio.create_task(watch.run())
        await asyncio.sleep(0)
        polled = asyncio.create_task(Polled(probe, Pace(60.0, 0.3, 2), watch).run(results.append))
        await asyncio.sleep(2 * BEAT)
        beats.cancel()
        polled.cancel()
        return results, runs

    return asyncio.run(scenario())


def test_a_run_that_failed_across_a_stall_is_no_result_and_is_repeated_at_once() -> None:
    results, runs = run(Finding(Outcome.FAIL, "status 503"), stall=True)
    assert (len(results), runs) == (1, 2)


def test_a_run_that_passed_across_a_stall_passed() -> None:
    results, runs = run(Finding(Outcome.PASS, "200"), stall=True)
    assert ([r.outcome for r in results], runs) == ([Outcome.PASS], 1)


def test_a_run_that_failed_while_we_ran_is_a_failure() -> None:
    results, runs = run(Finding(Outcome.FAIL, "status 503"), stall=False)
    assert ([r.outcome for r in results], runs) == ([Outcome.FAIL], 1)
