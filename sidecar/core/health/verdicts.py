"""The router's belief about the checks: the verdicts of the observer, as long as they are not stale.

A verdict that a check is up holds only while results confirm it. With `max_age` the last result must not be
older than that. While the observer works it says so itself; without it the verdict ends here, later by the
time that a result may take until it is told. A check without `max_age` is told by events, and silence is its
normal state: it is believed while the observer speaks. When the observer was silent for OBSERVER_SILENCE, or
was started anew and has had no result of the check for as long, the check counts as failed. In both cases
the verdict counts again with the next result, or when the same observer is heard again. Time in which this
process itself stood still makes nothing older.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverBack,
    ObserverEvent,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckChanged
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.stall import THAW, Stalled


@dataclass(frozen=True, slots=True)
class CheckBelief:
    """The belief about one check. `told` is the observer's last word."""

    params: CheckParams
    told: CheckVerdict
    since: float
    """When `up` became what it is."""
    stale: str = ""
    """Why the verdict is not believed any more, "" while it is."""
    stalled: float = 0.0
    """Seconds that this process stood still since the last result; the time of a thaw comes to them, once."""
    stalled_at: float = -inf
    unconfirmed_since: float = inf
    """Since when a new observer has had no result of it."""

    @property
    def up(self) -> bool | None:
        """Whether the check is up, None as long as nothing is known."""
        return False if self.stale else self.told.up

    @property
    def unknown(self) -> bool:
        """Whether the last result could not tell."""
        return self.told.unknown

    @property
    def detail(self) -> str:
        """A phrase for people about the verdict."""
        return self.stale or self.told.detail

    @property
    def excuse(self) -> float:
        """Seconds in which the last result has not aged."""
        return self.stalled + THAW if self.stalled else 0.0

    def stale_at(self, silent_since: float, silence: float) -> float:
        """When the verdict is stale, given since when the observer is silent and how long it may be."""
        if self.told.up is not True:
            return inf
        if self.params.max_age is None:
            return min(silent_since, self.unconfirmed_since) + silence
        if self.told.reported_at is None:
            return inf
        return self.told.reported_at + self.excuse + self.params.max_age + self.params.told_within

    def hearing(self, verdict: CheckVerdict, now: float) -> "CheckBelief":
        """Return the belief after another verdict."""
        told = replace(verdict, reported_at=self.told.reported_at)
        moved = told.up is not self.told.up or self.stale
        since = _not_after(now, told.since) if moved else self.since
        heard = replace(self, told=told, since=since)
        return heard if verdict.reported_at is None else heard.confirmed(verdict.reported_at, now)

    def confirmed(self, reported_at: float, now: float) -> "CheckBelief":
        """Return the belief after a result that is this old. No result can be younger than now."""
        at = _not_after(now, reported_at)
        if self.told.reported_at is not None and at <= self.told.reported_at:
            return self
        told = replace(self.told, reported_at=at)
        # Of what this process stood still, at most the part after the result has not aged it.
        stalled = max(0.0, min(self.stalled, self.stalled_at - at))
        return replace(self, told=told, stalled=stalled, unconfirmed_since=inf)

    def excused(self, seconds: float, now: float) -> "CheckBelief":
        """Return the belief after a stall of this process, in which nothing was heard.

        A verdict that was stale before stays stale.
        """
        if self.stale:
            return self
        return replace(
            self,
            stalled=self.stalled + seconds,
            stalled_at=now,
            unconfirmed_since=self.unconfirmed_since + seconds,
        )

    @property
    def handed(self) -> CheckVerdict:
        """The verdict with which a new observer begins: what is stale has failed, for it too.

        It knows nothing of the stalls of this process, so what they excuse is a part of the time it is given.
        """
        at = self.told.reported_at
        return replace(
            self.told,
            up=self.up,
            detail=self.detail,
            since=self.since,
            reported_at=None if at is None else at + self.excuse,
        )

    def handed_over(self, silent_since: float, now: float) -> "CheckBelief":
        """Return the belief after a new observer has begun."""
        handed = self.handed
        at = handed.reported_at
        told = replace(handed, reported_at=None if at is None else _not_after(now, at))
        since = min(self.unconfirmed_since, silent_since, now)
        return replace(self, told=told, stale="", stalled=0.0, unconfirmed_since=since)

    def aged(self, stale_at: float, silence: float, now: float) -> "CheckBelief":
        """Return the belief at `now`."""
        if (now >= stale_at) is bool(self.stale):
            return self
        if self.stale:
            return replace(self, stale="", since=now)
        age = self.params.max_age
        why = f"nothing heard of the observer for {silence:.1f} s" if age is None else _no_result(age)
        return replace(self, stale=why, since=now)


def _nothing(check: CheckParams, now: float) -> CheckBelief:
    """Return what is believed of a check before its first result."""
    nothing = CheckVerdict(
        check.name, None, unknown=False, detail="no result yet", since=now, reported_at=None
    )
    return CheckBelief(check, nothing, now)


def _not_after(now: float, at: float) -> float:
    """Return a time that the observer told; one that has not come yet would never grow old."""
    return min(now, at)


def _no_result(seconds: float) -> str:
    return f"no result for {seconds:.1f} s"


class Verdicts:
    """The checks of one host, as its routers see them. Times are seconds of the core's clock."""

    def __init__(self, checks: tuple[CheckParams, ...], silence: float, now: float) -> None:
        self._silence = silence
        self._beliefs = {check.name: _nothing(check, now) for check in checks}
        self._names = tuple(check.name for check in checks)
        self._silent_since = inf
        self._age_at: float | None = None
        """When the next verdict grows stale, None: something was heard since that was last looked up."""

    @property
    def deadline(self) -> float:
        """When `age` has something to do."""
        if self._age_at is not None:
            return self._age_at
        return min((self._stale_at(each) for each in self._beliefs.values() if not each.stale), default=inf)

    @property
    def handed(self) -> tuple[CheckVerdict, ...]:
        """The verdicts that an observer is given when it begins now."""
        return tuple(each.handed for each in self._beliefs.values())

    def of(self, names: Iterable[str]) -> list[CheckBelief]:
        """Return what is believed of these checks."""
        return [self._beliefs[name] for name in names]

    def exchange(self, checks: tuple[CheckParams, ...], now: float) -> frozenset[str]:
        """Believe things of these checks from now on. Return the names of those that are new.

        A check of the same name and kind keeps what is believed of it, whatever else is new about it.
        """
        before, after, fresh = self._beliefs, dict[str, CheckBelief](), set[str]()
        for check in checks:
            known = before.get(check.name)
            if known is not None and known.params.kind == check.kind:
                after[check.name] = replace(known, params=check)
            else:
                after[check.name] = _nothing(check, now)
                fresh.add(check.name)
        self._beliefs, self._names, self._age_at = after, tuple(after), None
        return frozenset(fresh)

    def hear(self, event: ObserverEvent | Stalled, now: float) -> list[CheckBelief]:
        """Take what the observer said, or what became of it. Return the checks that are not as before."""
        self._age_at = None
        match event:
            case CheckVerdict() if event.check in self._beliefs:
                return self._set(self._beliefs[event.check].hearing(event, now), now)
            case ChecksFresh(reports):
                fresh = ((self._beliefs[self._names[index]], at) for index, at in reports)
                return [each for belief, at in fresh for each in self._set(belief.confirmed(at, now), now)]
            case Stalled(seconds):
                if now - seconds - self._silent_since < self._silence:
                    self._silent_since += seconds
                self._beliefs = {name: each.excused(seconds, now) for name, each in self._beliefs.items()}
            case ObserverSilent(since):
                self._silent_since = min(self._silent_since, since)
            case ObserverBack():
                self._silent_since = inf
            case ObserverStarted():
                since, self._silent_since = self._silent_since, inf
                self._beliefs = {name: each.handed_over(since, now) for name, each in self._beliefs.items()}
        return []

    def age(self, now: float) -> list[CheckBelief]:
        """Time passed. Return the checks that are not as before."""
        if self._age_at is not None and now < self._age_at:
            return []
        changes = [changed for each in tuple(self._beliefs.values()) for changed in self._set(each, now)]
        self._age_at = None
        self._age_at = self.deadline
        return changes

    def snapshot(self) -> tuple[CheckSnapshot, ...]:
        """Return one picture of each check."""
        return tuple(
            CheckSnapshot(
                each.params.name, each.params.kind, each.up, each.detail, each.since, each.told.reported_at
            )
            for each in self._beliefs.values()
        )

    def _stale_at(self, belief: CheckBelief) -> float:
        return belief.stale_at(self._silent_since, self._silence)

    def _set(self, belief: CheckBelief, now: float) -> list[CheckBelief]:
        """Note what is believed now; return it if that decides anything else than before."""
        after = belief.aged(self._stale_at(belief), self._silence, now)
        before = self._beliefs[after.params.name]
        self._beliefs[after.params.name] = after
        differs = after.up is not before.up or (after.up is None and after.unknown is not before.unknown)
        return [after] if differs else []


def changed(belief: CheckBelief) -> list[CheckChanged]:
    """Return the report about a check that is not as before; nothing while there is no verdict."""
    if belief.up is None:
        return []
    return [CheckChanged(belief.params.name, belief.params.kind, belief.up, belief.detail)]
