"""Flap damping: a node that fails again and again must stay well for a while before it preempts again.

The first failures cost nothing but the failure. Each further one doubles the hold-down, which begins
with the failure: a node that keeps failing is never well for long enough. A quiet time forgets everything.

A hold-down is a ban on preemption and no priority. A node that is held down is healthy. It keeps its
priority, and with it its usual Skew_Time: where a master resigns, dies or is unfit, it takes over as
always. It does not take the VIP from a master that is fit. So behind every move of a pair there is a
failure of the node that served, and two nodes that fail in turn do not wait for each other.
"""

from dataclasses import dataclass, replace
from math import inf

from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.health.params import DampingParams

ONE_EVENT = 1.0
"""Seconds within which a fault and a check that fails are one event: a link that is down is both."""
_MOST_DOUBLINGS = 30


@dataclass(slots=True)
class Damping:
    """The record of one router. Times are seconds of the core's clock."""

    params: DampingParams | None
    failures: int = 0
    failed_at: float = -inf
    """When the last failure was."""
    _struck_at: float = -inf
    _was_fit: bool = False
    _held: bool = False

    @property
    def until(self) -> float:
        """When the hold-down after the last failure ends; minus infinity: there is none."""
        if self.params is None or self.failures <= self.params.free:
            return -inf
        doublings = min(self.failures - self.params.free - 1, _MOST_DOUBLINGS)
        return self.failed_at + min(self.params.most, self.params.hold * 2.0**doublings)

    @property
    def deadline(self) -> float:
        """When a hold-down under way ends; infinity: there is none."""
        return self.until if self._held else inf

    def under(self, params: DampingParams | None) -> "Damping":
        """Return this record, to be counted by other parameters."""
        self.params = params
        return self

    def judge(self, fitness: EffectivePriority, now: float) -> EffectivePriority:
        """Return the fitness that counts, given what the checks say at this moment."""
        if self._was_fit and not fitness.fit and now - self._struck_at >= ONE_EVENT:
            self.strike(now)
        self._was_fit = fitness.fit
        self._held = fitness.fit and now < self.until
        if not self._held:
            return fitness
        why = f"healthy again, held down for {self.until - now:.0f} s after {self.failures} failures"
        return replace(
            fitness, reasons=(*fitness.reasons, why), held_until=self.until, failures=self.failures
        )

    def forget_fitness(self) -> None:
        """Nothing is known of the checks any more. That is no failure of theirs."""
        self._was_fit = False

    def fault(self, now: float) -> None:
        """Something failed that no check reports: it counts like a check that fails."""
        if now - self.failed_at >= ONE_EVENT:
            self._struck_at = now
            self.strike(now)

    def strike(self, now: float) -> None:
        """Count a failure. It shows in the fitness at the next `judge`."""
        if self.params is not None and now - self.failed_at > self.params.forget:
            self.failures = 0
        self.failures += 1
        self.failed_at = now
