"""The pure step of the observer: from the results of all checks to what the router must know of them.

A result that changes no verdict is counted here and not told one by one. The router hears of it only its
time, within an eighth of its `max_age`, together with those of all other checks that have run meanwhile. So
however many checks there are, ten messages a second go to the router at most, and mostly one or two.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from typing import Final

from sidecar.core.health.check_state import CheckState
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.result import CheckReported, Outcome
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.stall import Stalled

DETAIL_SIZE: Final = 200
"""Bytes of UTF-8 that a verdict may say to the router."""

HealthEvent = CheckReported | Stalled
HealthReport = CheckFinished | CheckVerdict | ChecksFresh


class Health:
    """All checks of one host. `now` is of the clock that the router reads, too.

    `known` are the verdicts that the router believes, from which a new observer goes on.
    """

    def __init__(
        self, checks: tuple[CheckParams, ...], now: float, known: Iterable[CheckVerdict] = ()
    ) -> None:
        before = {verdict.check: verdict for verdict in known}
        self._checks = {check.name: _resumed(check, before.get(check.name), now) for check in checks}
        self._indexes = {check.name: index for index, check in enumerate(checks)}
        self._untold: set[str] = set()
        """The checks whose last result was not told yet."""
        self._batch_at = inf
        """When they must be told."""
        self._unconfirmed = set(self._checks)
        """The checks that have had no result in this life: the first one is told at once."""
        self._unsaid = {name for name, each in self._checks.items() if each.up}
        """The checks that are up by the word of an earlier observer: the first pass says it again.

        The router may have ceased to believe it after it was handed to this observer.
        """

    def forget(self, checks: Iterable[str]) -> None:
        """Hear no result of these checks any more, until an exchange names them again."""
        for name in checks:
            self._checks.pop(name, None)
            self._untold.discard(name)

    def exchange(self, checks: tuple[CheckParams, ...], now: float) -> None:
        """Count results of these checks from now on. One of the same name and kind keeps state and counts."""
        before = self._checks
        kept = {
            name
            for check in checks
            if (name := check.name) in before and before[name].params.kind == check.kind
        }
        self._checks = {
            check.name: replace(before[check.name], params=check)
            if check.name in kept
            else CheckState(check, since=now)
            for check in checks
        }
        self._indexes = {check.name: index for index, check in enumerate(checks)}
        self._untold &= kept
        self._unconfirmed = (self._unconfirmed & kept) | (self._checks.keys() - kept)

    def step(self, events: Iterable[HealthEvent], now: float) -> list[HealthReport]:
        """Take what the checks found and the time; return counts, changed verdicts and fresh results."""
        out: list[HealthReport] = []
        for event in events:
            match event:
                case CheckReported(name, result) if name in self._checks:
                    before = self._checks[name]
                    out.append(CheckFinished(name, before.params.kind, result))
                    self._wait(before.params, now)
                    out += self._set(before, before.after(result, now), decisive=result.decisive)
                    if name in self._unsaid and result.outcome is Outcome.PASS:
                        out.append(self._verdict(name))
                case Stalled(seconds):
                    self._checks = {name: each.excused(seconds) for name, each in self._checks.items()}
                case _:
                    pass  # a result of a check that has gone
        for before in tuple(self._checks.values()):
            out += self._set(before, before.aged(now))
        return out + self._batch(now)

    @property
    def deadline(self) -> float:
        """When `step` is needed at the latest, if nothing happens before. Infinity: never."""
        return min([self._batch_at, *(check.stale_at for check in self._checks.values())])

    def snapshot(self) -> tuple[CheckSnapshot, ...]:
        """Return one picture of each check, of the last result even where that changed no verdict."""
        return tuple(
            CheckSnapshot(
                each.params.name,
                each.params.kind,
                each.up,
                each.detail,
                each.since,
                each.reported_at,
                each.certificate_expires,
                each.streak,
            )
            for each in self._checks.values()
        )

    def _set(self, before: CheckState, after: CheckState, *, decisive: bool = False) -> list[HealthReport]:
        """Note the state of a check; return its verdict if that is news."""
        name = after.params.name
        self._checks[name] = after
        if (after.up, after.unknown) == (before.up, before.unknown):
            return []
        return [self._verdict(name, decisive=decisive and after.up is not before.up)]

    def _verdict(self, name: str, *, decisive: bool = False) -> CheckVerdict:
        """Return the verdict on a check, which is told with it."""
        self._untold.discard(name)
        self._unsaid.discard(name)
        check = self._checks[name]
        detail = _cut(check.detail)
        return CheckVerdict(name, check.up, check.unknown, detail, check.since, check.reported_at, decisive)

    def _wait(self, check: CheckParams, now: float) -> None:
        """There is a result whose time the router should hear."""
        self._untold.add(check.name)
        within = 0.0 if check.name in self._unconfirmed else check.told_within
        self._unconfirmed.discard(check.name)
        self._batch_at = min(self._batch_at, now + within)

    def _batch(self, now: float) -> list[HealthReport]:
        """Return the times of the results that were not told yet, if it is time."""
        if not self._untold:
            self._batch_at = inf
        if now < self._batch_at:
            return []
        times = {self._indexes[name]: self._checks[name].reported_at for name in self._untold}
        self._untold.clear()
        self._batch_at = inf
        return [ChecksFresh(tuple(sorted((index, at) for index, at in times.items() if at is not None)))]


def _resumed(check: CheckParams, verdict: CheckVerdict | None, now: float) -> CheckState:
    """Return the state from which a check goes on; without a verdict its first result decides."""
    state = CheckState(check, since=now)
    if verdict is None:
        return state
    return replace(
        state,
        up=verdict.up,
        unknown=verdict.unknown,
        detail=verdict.detail,
        since=verdict.since,
        reported_at=None if verdict.reported_at is None else min(now, verdict.reported_at),
    )


def _cut(text: str) -> str:
    """Return the beginning of a text that fits into a verdict."""
    whole = text.encode()
    if len(whole) <= DETAIL_SIZE:
        return text
    return whole[: DETAIL_SIZE - len("…".encode())].decode(errors="ignore") + "…"
