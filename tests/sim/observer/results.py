"""The true times of the checks' results: what the router may believe, and from when on not any more."""

from math import inf

from sidecar.core.health.params import CheckParams
from tests.sim.timeline import Timeline


class Results:
    """`silence` is how many seconds a silent observer is believed. Times are true time in seconds."""

    def __init__(self, timeline: Timeline, silence: float) -> None:
        self.produced_at: dict[str, float] = {}
        """When each check had its last result."""
        self.told_at: dict[str, float] = {}
        """When the last one was produced that the router knows of."""
        self._timeline, self._silence = timeline, silence
        self._confirmed: frozenset[str] = frozenset()
        """Checks that have had a result in this life of the observer."""
        self._unwatched_since: dict[str, float] = {}
        """When the work ended that saw the last result of a check."""
        self._began_at = 0.0

    def begin(self) -> None:
        """The observer begins its work: nothing is confirmed."""
        self._confirmed, self._began_at = frozenset(), self._timeline.now

    def stop(self) -> None:
        """Its work has ended: nobody watches any more."""
        self._unwatched_since.update(dict.fromkeys(self._confirmed, self._timeline.now))

    def produced(self, name: str) -> None:
        """A check has a result."""
        self.produced_at[name] = self._timeline.now
        self._confirmed |= {name}

    def told(self, name: str, at: float) -> None:
        """The router knows of a result of that time."""
        self.told_at[name] = max(at, self.told_at.get(name, at))

    def excuse(self, seconds: float) -> None:
        """The router stood still: no result has grown older for it."""
        now = self._timeline.now
        for times in (self.produced_at, self.told_at, self._unwatched_since):
            times.update({name: min(now, at + seconds) for name, at in times.items()})

    def stale_since(self, check: CheckParams, *, at_work: bool, told: bool) -> float:
        """True time from which on nobody may believe that this check is up, for want of results.

        `told`: from which on it may be taken for stale, because of the results that the router knows of.
        """
        name = check.name
        if check.max_age is not None and told:
            return self.told_at.get(name, -inf) + check.max_age
        if check.max_age is not None:
            return self.produced_at.get(name, -inf) + check.max_age + check.told_within
        known = self.told_at.get(name, -inf) >= self._began_at if told else name in self._confirmed
        if at_work and known:
            return inf
        return self._unwatched_since.get(name, -inf) + self._silence
