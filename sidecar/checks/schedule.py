"""When to run a probe: on a fixed pace, at once when an idle connection is cut, quickly while dying."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sidecar.checks.idle_connection_watch import IdleConnectionWatch
from sidecar.checks.probe import Finding, Probe, ProbeProgress, Report
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import PolledCheck
from sidecar.stall import REPEAT_AFTER, StallWatch

_QUICK: Final = 0.025
_MAX_STAGGER: Final = 0.1
_WORTH_SAYING: Final = 0.001
"""Seconds below which a phase is left out of the detail."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between runs, seconds that a run may take, and how many failures make a verdict.

    Each run starts up to `jitter` seconds after its time, drawn anew, so that many checks of one target
    do not march in step. The mean period stays `every`.
    """

    every: float
    deadline: float
    fall: int
    jitter: float = 0.0


def pace_of(check: PolledCheck) -> Pace:
    """Return the pace that the configuration asks for."""
    return Pace(check.every, check.timeout, check.fall, check.jitter)


class Polled:
    """A watch that runs a probe again and again.

    After a certain failure (refused, reset) the probe is repeated every 25 ms, at most `fall` times
    in a row: enough for a verdict, and then back to the normal pace. A timeout or a wrong answer is
    no reason to hurry: a busy target must not be asked more often because it is busy. A run that failed
    while we ourselves stood still is no result: it is soon repeated. So is one that failed in the thaw after
    it, unless the target's kernel said no: a paused target says nothing. If every run is like that, the last
    result grows too old. `on_end` gives back what the probe holds. `review` may know better than the probe
    what a finding is worth.
    """

    def __init__(
        self,
        probe: Probe,
        pace: Pace,
        stalls: StallWatch,
        idle_watch: IdleConnectionWatch | None = None,
        on_end: Callable[[], None] | None = None,
        review: Callable[[Finding], Finding] | None = None,
    ) -> None:
        self._on_end = on_end
        self._review = review
        self._probe = probe
        self._pace = pace
        self._stalls = stalls
        self._idle_watch = idle_watch
        self._quick_left = pace.fall
        self._startled = False

    async def run(self, report: Report) -> None:
        """Report one result for each run until cancelled; the first run starts at once."""
        clock = asyncio.get_running_loop().time
        # The first pause is shortened at random, so that checks that start together do not stay together.
        due = clock() - _random(min(_MAX_STAGGER, self._pace.every))
        try:
            while True:
                finding = await self._measured(report)
                if finding is None:
                    await asyncio.sleep(REPEAT_AFTER)
                    continue
                # A run that took its whole interval is followed at once: a hung target costs no more.
                if due <= clock():
                    due = max(due + self._pace.every, clock())
                await self._pause(finding, due + _random(self._pace.jitter) - clock())
        finally:
            if self._idle_watch is not None:
                self._idle_watch.disarm()
            if self._on_end is not None:
                self._on_end()

    async def _measured(self, report: Report) -> Finding | None:
        """Run once and report; None: the run is no measurement, because of a stall of ours."""
        clock = asyncio.get_running_loop().time
        started, asked = clock(), self._stalls.clock()
        phase = ProbeProgress(prompted=self._startled)
        finding = await self._within_deadline(phase)
        if finding.outcome is not Outcome.PASS and self._excused(finding, asked):
            return None
        seconds = clock() - started
        if self._review is not None:
            finding = self._review(finding)
        if finding.outcome is Outcome.PASS:
            detail = f"{finding.detail} in {milliseconds(seconds)}{_breakdown(phase)}"
        else:
            detail = finding.detail
        report(
            CheckResult(finding.outcome, detail, seconds, prompted=self._startled, measured=phase.measured)
        )
        return finding

    def _excused(self, finding: Finding, asked: float) -> bool:
        """Say whether a run failed because of a stall of ours, or because the target may be frozen yet."""
        return self._stalls.since(asked) if finding.certain else self._stalls.excuses(asked)

    async def _within_deadline(self, phase: ProbeProgress) -> Finding:
        try:
            async with asyncio.timeout(self._pace.deadline):
                return await self._probe(phase)
        except TimeoutError:
            limit = milliseconds(self._pace.deadline)
            return Finding(Outcome.TIMEOUT, f"no answer within {limit}: {phase.reached}")

    async def _pause(self, finding: Finding, seconds: float) -> None:
        if finding.outcome is Outcome.PASS:
            self._quick_left = self._pace.fall
            if self._idle_watch is not None:
                self._idle_watch.arm()
            if self._startled:
                # The processes of a target die one after the other: a pass right after a cut is not trusted.
                seconds = min(_QUICK, seconds)
        elif finding.certain and self._quick_left:
            self._quick_left -= 1
            seconds = min(_QUICK, seconds)
        if self._idle_watch is None:
            await asyncio.sleep(seconds)
        else:
            self._startled = await self._idle_watch.wait(seconds)


def _random(most: float) -> float:
    return random.random() * most  # noqa: S311 - no secret


def _breakdown(phase: ProbeProgress) -> str:
    parts = [f"{name} {milliseconds(t)}" for name, t in phase.took.items() if t >= _WORTH_SAYING]
    listed = f" ({', '.join(parts).replace('_', ' ')})" if len(parts) > 1 else ""
    return f"{listed}; {phase.warning}" if phase.warning else listed


def milliseconds(seconds: float) -> str:
    """Return a duration as people read it in a detail: "3 ms", at least "1 ms"."""
    return f"{max(1, round(seconds * 1000))} ms"
