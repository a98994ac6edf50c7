"""The verdict on one check: rise and fall over its results, facts at once, silence is failure."""

from dataclasses import dataclass, replace
from math import inf

from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.stall import THAW


@dataclass(frozen=True, slots=True)
class CheckState:
    """The state of one check. `up` is None as long as nothing is known.

    The first result decides at once; afterwards `fall` consecutive failures bring it down and
    `rise` consecutive passes bring it up. A decisive result needs no series. An unknown outcome
    changes no verdict, and is none: before the first verdict it leaves the check without one.
    """

    params: CheckParams
    since: float
    up: bool | None = None
    streak: int = 0
    detail: str = "no result yet"
    reported_at: float | None = None
    unknown: bool = False
    certificate_expires: float | None = None
    """Unix seconds; the last that a result told."""
    stalled: float = 0.0
    """Seconds of the stalls since the last result; the time of a thaw comes to them, once."""

    @property
    def stale_at(self) -> float:
        """When the last result stops being believed."""
        if self.params.max_age is None or self.reported_at is None or self.up is not True:
            return inf
        excused = self.stalled + THAW if self.stalled else 0.0
        return self.reported_at + excused + self.params.max_age

    def after(self, result: CheckResult, now: float) -> "CheckState":
        """Return the state after one more result."""
        if result.outcome is Outcome.UNKNOWN:
            return replace(self, unknown=True, detail=result.detail, reported_at=now, stalled=0.0)
        passed = result.outcome is Outcome.PASS
        streak = 0 if passed == self.up else self.streak + 1
        needed = self.params.rise if passed else self.params.fall
        flips = passed != self.up and (self.up is None or result.decisive or streak >= needed)
        return replace(
            self,
            up=passed if flips else self.up,
            since=now if flips else self.since,
            streak=0 if flips else streak,
            detail=result.detail,
            reported_at=now,
            unknown=False,
            stalled=0.0,
            certificate_expires=result.measured.certificate_expires or self.certificate_expires,
        )

    def excused(self, seconds: float) -> "CheckState":
        """Return the state after a stall of ours: what we did not hear meanwhile is not the check's fault."""
        return replace(self, stalled=self.stalled + seconds)

    def aged(self, now: float) -> "CheckState":
        """Return the state at `now`: a result that is too old is a failure."""
        if now < self.stale_at:
            return self
        detail = f"no result for {self.params.max_age:.1f} s"
        return replace(self, up=False, since=now, streak=0, detail=detail)
