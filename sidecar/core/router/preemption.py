"""The choice of a backup upon an advertisement: follow this master, outwait it, or replace it soon."""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.core.priorities import OWNER, UNFIT_PRIORITY
from sidecar.core.snapshot import MasterSeen
from sidecar.core.wire.advert import Advert


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
    """The rule of one router. Remembers how long a lesser master is tolerated, and what it was at best."""

    params: RouterParams
    _at: float = inf
    _master: Address | None = None
    _best: int = 0

    @property
    def learnt(self) -> tuple[float, int, Address | None]:
        """Until when a lesser master is tolerated, the best priority that was heard, and of whom."""
        return self._at, self._best, self._master

    def learn(self, at: float, best: int, master: Address | None) -> None:
        """Go on with what another one has learnt."""
        self._at, self._best, self._master = at, best, master

    def reset(self) -> None:
        """Forget: contention begins anew."""
        self._at, self._master = inf, None

    def judge(
        self,
        advert: Advert,
        source: Address,
        before: MasterSeen | None,
        mine: int,
        now: float,
        *,
        held: bool = False,
    ) -> Verdict:
        """Return what to do about a living master, given the master heard before and our own priority.

        During a hold-down (`held`) no master that is fit is preempted, whatever it lost.

        A sick master is never protected, neither by `preempt: false` nor by `preempt_delay`: not one
        of priority 1, which is unfit by its own checks, and not one whose weights took more from it
        while we listened than ours take from us.
        """
        lost = self._lost(advert, source, before)
        if advert.priority >= mine or (held and advert.priority > UNFIT_PRIORITY):
            self._at = inf
            return Verdict.FOLLOW
        if advert.priority > UNFIT_PRIORITY and lost > max(0, self.params.best - mine):
            return Verdict.REPLACE
        if advert.priority > UNFIT_PRIORITY and not self.params.preempt and mine != OWNER:
            return Verdict.FOLLOW
        if before is not None and before.source == source and before.priority >= mine:
            return Verdict.REPLACE
        if advert.priority <= UNFIT_PRIORITY:
            return Verdict.OUTWAIT
        if self._at == inf:
            self._at = now + self.params.preempt_delay
        return Verdict.FOLLOW if now < self._at else Verdict.OUTWAIT

    def expect(self, master: MasterSeen, mine: int, *, held: bool = False) -> tuple["Verdict", float]:
        """Return the answer to the next advert of this master if it is as the last one, and until when.

        Infinity: for as long as it goes on. It forgets and learns nothing.
        """
        theirs = master.priority
        best = max(theirs, self._best) if master.source == self._master else theirs
        if theirs >= mine or (held and theirs > UNFIT_PRIORITY):
            return Verdict.FOLLOW, inf
        if theirs <= UNFIT_PRIORITY:
            return Verdict.OUTWAIT, inf
        if best - theirs > max(0, self.params.best - mine):
            return Verdict.REPLACE, inf
        if not self.params.preempt and mine != OWNER:
            return Verdict.FOLLOW, inf
        following = master.heard_at + master.interval
        preempts_at = self._at if self._at < inf else following + self.params.preempt_delay
        return (Verdict.FOLLOW, preempts_at) if following < preempts_at else (Verdict.OUTWAIT, inf)

    def _lost(self, advert: Advert, source: Address, before: MasterSeen | None) -> int:
        """By how much this master is below the best that was heard of it."""
        if source != self._master:
            self._master = source
            self._best = before.priority if before is not None and before.source == source else 0
        self._best = max(self._best, advert.priority)
        return self._best - advert.priority
