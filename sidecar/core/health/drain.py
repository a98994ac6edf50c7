"""A drain: an operator keeps the VIPs away from this host, for a time or until the drain is taken back.

A drained host contends as one whose checks fail: below everybody who is fit, and still better than nobody. So
it resigns, preempts no host that is fit, and serves if nobody else does. That is no failure of the host: flap
damping does not count it, and afterwards the host contends at once as it did before.
"""

from dataclasses import dataclass
from math import inf

from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.priorities import UNFIT_PRIORITY


@dataclass(slots=True)
class Drain:
    """Whether this host is drained."""

    until: float = -inf
    why: str = ""

    def hear(self, event: DrainAsked | UndrainAsked) -> None:
        """Begin, go on in another way, or end."""
        self.until, self.why = (event.until, event.why) if isinstance(event, DrainAsked) else (-inf, "")

    def under_way(self, now: float) -> bool:
        """Whether it keeps the VIPs away now."""
        return now < self.until

    def shown(self, now: float) -> float | None:
        """Until when it lasts, None if there is none."""
        return self.until if self.under_way(now) else None

    def deadline(self, now: float) -> float:
        """When it ends by itself; infinity: never, or it is over."""
        return self.until if self.under_way(now) else inf

    def judge(self, fitness: EffectivePriority, now: float) -> EffectivePriority:
        """Return the fitness that counts, given what checks and hold-downs say."""
        if not self.under_way(now):
            return fitness
        return EffectivePriority(
            UNFIT_PRIORITY, fit=False, reasons=(self.why, *fitness.reasons), drained=True
        )
