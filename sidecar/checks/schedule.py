"""When to run a probe: on a fixed pace, at once when the tripwire is cut, quickly while dying."""

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from sidecar.checks.probe import Finding, Phase, Probe, Report
from sidecar.checks.tripwire import Tripwire
from sidecar.config.model import Check
from sidecar.core.events import CheckResult, Outcome

_QUICK: Final = 0.025
_MAX_JITTER: Final = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between runs, seconds that a run may take, and how many failures make a verdict."""

    every: float
    deadline: float
    fall: int


def pace_of(check: Check) -> Pace:
    """Return the pace that the configuration asks for."""
    return Pace(check.interval, check.deadline, check.fall)


class Polled:
    """A watch that runs a probe again and again.

    After a certain failure (refused, reset) the probe is repeated every 25 ms, at most `fall` times
    in a row: enough for a verdict, and then back to the normal pace. A timeout or a wrong answer is
    no reason to hurry: a busy target must not be asked more often because it is busy.
    """

    def __init__(self, probe: Probe, pace: Pace, tripwire: Tripwire | None = None) -> None:
        self._probe = probe
        self._pace = pace
        self._tripwire = tripwire
        self._quick_left = pace.fall
        self._startled = False

    async def run(self, report: Report) -> None:
        """Report one result for each run until cancelled; the first run starts at once."""
        clock = asyncio.get_running_loop().time
        # The first pause is shortened at random, so that checks that start together do not stay together.
        due = clock() - random.random() * min(_MAX_JITTER, self._pace.every)  # noqa: S311 - no secret
        try:
            while True:
                finding = await self._measured(report)
                # A run that took its whole interval is followed at once: a hung target costs no more.
                if due <= clock():
                    due = max(due + self._pace.every, clock())
                await self._pause(finding, due - clock())
        finally:
            if self._tripwire is not None:
                self._tripwire.disarm()

    async def _measured(self, report: Report) -> Finding:
        clock = asyncio.get_running_loop().time
        started = clock()
        finding = await self._within_deadline()
        seconds = clock() - started
        if finding.outcome is Outcome.PASS:
            detail = f"{finding.detail} in {milliseconds(seconds)}"
        else:
            detail = finding.detail
        report(CheckResult(finding.outcome, detail, seconds))
        return finding

    async def _within_deadline(self) -> Finding:
        phase = Phase()
        try:
            async with asyncio.timeout(self._pace.deadline):
                return await self._probe(phase)
        except TimeoutError:
            limit = milliseconds(self._pace.deadline)
            return Finding(Outcome.TIMEOUT, f"no answer within {limit}: {phase.reached}")

    async def _pause(self, finding: Finding, seconds: float) -> None:
        if finding.outcome is Outcome.PASS:
            self._quick_left = self._pace.fall
            if self._tripwire is not None:
                self._tripwire.arm()
            if self._startled:
                # The processes of a target die one after the other: a pass right after a cut is not trusted.
                seconds = min(_QUICK, seconds)
        elif finding.certain and self._quick_left:
            self._quick_left -= 1
            seconds = min(_QUICK, seconds)
        if self._tripwire is None:
            await asyncio.sleep(seconds)
        else:
            self._startled = await self._tripwire.wait(seconds)


def milliseconds(seconds: float) -> str:
    """Return a duration as people read it in a detail: "3 ms", at least "1 ms"."""
    return f"{max(1, round(seconds * 1000))} ms"
