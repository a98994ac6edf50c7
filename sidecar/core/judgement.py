"""How fit each router is: beliefs of its checks, hold-downs, drains, and what an earlier process has left."""

from collections.abc import Iterable
from math import inf

from sidecar.core.awaited import Awaited
from sidecar.core.health.damping import Damping
from sidecar.core.health.drain import Drain
from sidecar.core.health.effective_priority import EffectivePriority, Inherited, judge
from sidecar.core.health.verdicts import Verdicts
from sidecar.core.params import NodeParams
from sidecar.core.router.election import Election
from sidecar.core.router.identity import Matched
from sidecar.core.router.lease_record import LeaseRecord
from sidecar.core.snapshot import Judged


class Judgement:
    """The judgement of all routers. `silence`: seconds without a word of the observer that are borne."""

    def __init__(self, params: NodeParams, silence: float, now: float) -> None:
        self.verdicts = Verdicts(params.checks, silence, now)
        self.drain = Drain()
        self._silence = silence
        self._checks = params.checks
        self._dampings = {router.name: Damping(router.damping) for router in params.routers}
        self._awaited = Awaited()
        self._judged: dict[str, tuple[tuple[object, ...], Judged]] = {}
        """The last picture of each router and its sources: pictures are made often, of all."""
        self._judge_at = inf
        """When the next hold-down ends, or the next inherited priority, or a drain."""

    @property
    def deadline(self) -> float:
        """When something changes by itself. Infinity: nothing does."""
        return min(self.verdicts.deadline, self._judge_at)

    def due(self, now: float) -> bool:
        """Whether a hold-down has ended, or an inherited priority, or a drain."""
        return now >= self._judge_at

    def exchange(self, params: NodeParams, matched: Matched, now: float) -> None:
        """Judge routers by these parameters from now on. Those that are the same keep their hold-downs."""
        self._awaited.exchange(matched.kept, self.verdicts.exchange(params.checks, now))
        kept = {new.name: self._dampings[old.name].under(new.damping) for old, new in matched.kept}
        self._dampings = kept | {router.name: Damping(router.damping) for router in matched.begun}
        self._checks = params.checks
        self._judged.clear()

    def restore(self, router: str, judged: Judged) -> None:
        """Go on with what another one has counted for a router."""
        damping = self._dampings[router]
        damping.failures, damping.failed_at = judged.failures, judged.failed_at
        self._awaited.restore(router, judged.awaited)

    def inherit(self, election: Election, record: LeaseRecord, now: float) -> None:
        """Go on with the priority of an earlier process, for as long as its checks could be believed."""
        seconds = min(self._silence, record.seconds, self._shortest_age(election))
        election.router.inherited = Inherited(record.priority, now + seconds)

    def judge(self, elections: Iterable[Election], now: float) -> None:
        """Tell each router how fit it is now. These are all of them."""
        ends = [self.drain.deadline(now)]
        for election in elections:
            damping, inherited = self._dampings[election.params.name], election.router.inherited
            # In this order: to be drained is no failure that damping should count.
            damped = damping.judge(self._fitness(election, now), now)
            election.set_fitness(self.drain.judge(damped, now), now)
            ends.append(damping.deadline)
            if election.router.inherited is not None:
                ends.append(election.router.inherited.until)
            elif inherited is not None:
                election.confirm(now)
        self._judge_at = min(ends)

    def judged(self, election: Election) -> Judged:
        """Return how the priority of a router came about."""
        name, router = election.params.name, election.router
        damping, inherited = self._dampings[name], router.inherited
        key = router.fitness, inherited, damping.failures, damping.failed_at, self._awaited.of(name)
        before = self._judged.get(name)
        if before is not None and before[0] == key:
            return before[1]
        judged = Judged(
            router.fitness.fit,
            router.fitness.drained,
            None if inherited is None else inherited.until,
            damping.failures,
            damping.failed_at,
            self._awaited.of(name),
        )
        self._judged[name] = key, judged
        return judged

    def fault(self, router: str, now: float) -> None:
        """Something has failed that no check reports: it shows at the next judgement."""
        self._dampings[router].fault(now)

    def disinherit(self, election: Election) -> None:
        """Nothing is known of the checks of a router any more. That is no failure of theirs."""
        election.router.inherited = None
        self._dampings[election.params.name].forget_fitness()

    def _fitness(self, election: Election, now: float) -> EffectivePriority:
        """Return what the checks say, or what is inherited as long as they do not."""
        params, inherited = election.params, election.router.inherited
        beliefs = self._awaited.counting(params.name, self.verdicts.of(params.checks))
        if inherited is not None:
            kept = inherited.fitness(beliefs, now)
            if kept is not None:
                return kept
            election.router.inherited = None
        return judge(params.priority, beliefs)

    def _shortest_age(self, election: Election) -> float:
        """Return for how many seconds every check of a router could be believed if it had a result now."""
        names = election.params.checks
        ages = (
            check.max_age + check.told_within
            for check in self._checks
            if check.name in names and check.max_age is not None
        )
        return min(ages, default=inf)
