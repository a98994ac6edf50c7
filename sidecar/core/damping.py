"""Flap damping: a node that fails again and again must stay well for a while before it counts as fit.

The first failures cost nothing but the failure. Each further one doubles the hold-down, which begins
with the failure: who keeps failing is never well for long enough. A quiet time forgets everything.
A node that is held down is healthy: it contends above those that are sick, and below those that are fit.
"""

from dataclasses import dataclass, replace
from math import inf

from sidecar.core.fitness import Fitness
from sidecar.core.params import UNFIT_PRIORITY, DampingParams

HELD_PRIORITY = UNFIT_PRIORITY + 1
"""Effective priority during a hold-down."""
_MOST_DOUBLINGS = 30


@dataclass(slots=True)
class Damping:
    """The record of one router. Times are seconds of the core's clock."""

    params: DampingParams | None
    failures: int = 0
    _failed_at: float = -inf
    _was_fit: bool = False
    _held: bool = False

    @property
    def until(self) -> float:
        """When the hold-down after the last failure ends; minus infinity: there is none."""
        if self.params is None or self.failures <= self.params.free:
            return -inf
        doublings = min(self.failures - self.params.free - 1, _MOST_DOUBLINGS)
        return self._failed_at + min(self.params.most, self.params.hold * 2.0**doublings)

    @property
    def deadline(self) -> float:
        """When a node that is held down becomes fit by waiting; infinity: never."""
        return self.until if self._held else inf

    def judge(self, fitness: Fitness, now: float) -> Fitness:
        """Return the fitness that counts, given what the checks say at this moment."""
        if self._was_fit and not fitness.fit:
            self._strike(now)
        self._was_fit = fitness.fit
        self._held = fitness.fit and now < self.until
        if not self._held:
            return fitness
        why = f"healthy again, held down for {self.until - now:.0f} s after {self.failures} failures"
        return replace(fitness, priority=HELD_PRIORITY, fit=False, reasons=(why,), held_until=self.until)

    def _strike(self, now: float) -> None:
        if self.params is not None and now - self._failed_at > self.params.forget:
            self.failures = 0
        self.failures += 1
        self._failed_at = now
