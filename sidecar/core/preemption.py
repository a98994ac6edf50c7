"""What a backup makes of an advertisement: follow this master, outwait it, or replace it soon."""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from sidecar.core.params import OWNER, UNFIT_PRIORITY, Address, RouterParams
from sidecar.core.snapshot import MasterSeen
from sidecar.core.vrrp import Advert


class Verdict(Enum):
    """The three answers."""

    FOLLOW = auto()
    """Accept it: restart the timer."""
    OUTWAIT = auto()
    """Ignore it: the timer runs out in spite of it (RFC 9568 section 6.4.2, preemption)."""
    REPLACE = auto()
    """It lowered itself below us and so asks to be replaced: wait Skew_Time, not three intervals."""


@dataclass(slots=True)
class Preemption:
    """The rule of one router. Remembers only since when a lesser master has been tolerated."""

    params: RouterParams
    _at: float = inf

    def reset(self) -> None:
        """Forget: contention begins anew."""
        self._at = inf

    def judge(
        self, advert: Advert, source: Address, before: MasterSeen | None, mine: int, now: float
    ) -> Verdict:
        """Return what to do about a living master, given the master heard before and our own priority.

        A master of priority 1 is unfit by its own checks and is never protected, neither by
        `preempt: false` nor by `preempt_delay`.
        """
        if advert.priority >= mine:
            self._at = inf
            return Verdict.FOLLOW
        if advert.priority > UNFIT_PRIORITY and not self.params.preempt and mine != OWNER:
            return Verdict.FOLLOW
        if before is not None and before.source == source and before.priority >= mine:
            return Verdict.REPLACE
        if advert.priority <= UNFIT_PRIORITY:
            return Verdict.OUTWAIT
        if self._at == inf:
            self._at = now + self.params.preempt_delay
        return Verdict.FOLLOW if now < self._at else Verdict.OUTWAIT
