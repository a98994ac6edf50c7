"""From the verdicts of all checks to the one number that the election understands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sidecar.core.health.verdicts import CheckBelief
from sidecar.core.priorities import HIGHEST_FIT, LOWEST_FIT, OWNER, UNFIT_PRIORITY


@dataclass(frozen=True, slots=True)
class EffectivePriority:
    """Effective priority of a node for one router, and the reasons that moved it.

    `fit` is False while a required check is down or without a verdict; such a node contends at priority
    1: below everyone who is fit, and still better than nobody (fail open).
    """

    priority: int
    fit: bool
    reasons: tuple[str, ...] = ()
    held_until: float | None = None
    """End of a hold-down (damping.py); until then this node does not preempt a fit master."""
    failures: int = 0
    """Failures that led to a hold-down."""
    drained: bool = False
    """Unfit because an operator wants it (drain.py), whatever the checks say."""

    @property
    def held(self) -> bool:
        """Whether it is held down."""
        return self.held_until is not None


@dataclass(frozen=True, slots=True)
class Inherited:
    """The priority with which an earlier process has served, until the checks of this one have verdicts.

    Whoever was MASTER was fit, or served because nobody was. To say another priority than that process would
    move the VIP: a higher one keeps a better host from it, a lower one gives it away. `until` bounds how long
    it is believed, in seconds of the core's clock.
    """

    priority: int
    until: float

    def fitness(self, checks: Sequence[CheckBelief], now: float) -> EffectivePriority | None:
        """Return what counts; None: no more, as all checks have verdicts or a required one is down."""
        waiting = [check.params.name for check in checks if check.up is None]
        down = any(check.params.weight is None and check.up is False for check in checks)
        if down or not waiting or now >= self.until:
            return None
        why = f"no result yet of {', '.join(waiting)}: the priority of the earlier process counts"
        return EffectivePriority(self.priority, fit=self.priority > UNFIT_PRIORITY, reasons=(why,))


def judge(configured: int, checks: Iterable[CheckBelief]) -> EffectivePriority:
    """Return the fitness that follows from the checks of a router.

    Weights move the priority within 2 to 254: no weight can win against a required check. As in
    keepalived a negative weight counts while its check is down and a positive one while it is up.
    A check without a verdict counts as if it were down: what is not known raises no priority.
    """
    weight = 0
    unfit: list[str] = []
    moved: list[str] = []
    for check in checks:
        own, up = check.params.weight, check.up is True
        if own is None and check.up is None:
            why = f": {check.detail}" if check.unknown else ""
            unfit.append(f"check {check.params.name} has no result yet{why}")
        elif own is None and not up:
            unfit.append(f"check {check.params.name} failed: {check.detail}")
        elif own is not None and up is (own > 0):
            weight += own
            moved.append(f"check {check.params.name} ({own:+d}): {check.detail}")
    if unfit:
        return EffectivePriority(UNFIT_PRIORITY, fit=False, reasons=tuple(unfit))
    if configured == OWNER or not weight:
        return EffectivePriority(configured, fit=True, reasons=tuple(moved))
    priority = min(HIGHEST_FIT, max(LOWEST_FIT, configured + weight))
    return EffectivePriority(priority, fit=True, reasons=tuple(moved))
