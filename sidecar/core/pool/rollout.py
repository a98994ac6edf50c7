"""From the lineup that is wanted to the one that nginx is proven to serve.

    pending   what nginx serves is unknown, or a change waits or is under way
    live      nginx serves what is wanted
    failed    the last attempt failed; the next follows after a pause

A change waits a little for others to join it (one reload for a burst), longer if nobody is hurt by
waiting, and for the budget of reloads.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

from sidecar.core.pool.events import ReloadResult
from sidecar.core.pool.reload_budget import PATIENT, URGENT, ReloadBudget
from sidecar.core.pool.upstream import Upstream

GATHER_URGENT: Final = 0.02
"""Seconds that the removal of a server waits for others: servers that die together fail together."""
GATHER_PATIENT: Final = 0.5
"""Seconds that an addition or a weight waits."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
"""Seconds between a failed attempt and the next; the pause doubles."""


class RolloutState(StrEnum):
    """How far a pool is; the value is a word of the status."""

    PENDING = "pending"
    LIVE = "live"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lineup by its digest, and since when it differs from what is served."""

    lineup: Upstream
    digest: str
    urgent: bool
    noticed_at: float

    @property
    def ready_at(self) -> float:
        """When it has waited for others long enough."""
        return self.noticed_at + (GATHER_URGENT if self.urgent else GATHER_PATIENT)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change under way."""

    generation: int
    wanted: Wanted


class Rollout:
    """The way of one pool into its nginx. At most one attempt is under way."""

    def __init__(self, budget: ReloadBudget) -> None:
        self.generation = 0
        self.in_service: frozenset[str] = frozenset()
        self._budget = budget
        self._last_number = 0
        self._live: str | None = None
        self._wanted: Wanted | None = None
        self._attempt: Attempt | None = None
        self._failures = 0
        self._retry_at = -inf

    @property
    def state(self) -> RolloutState:
        """How far it is."""
        if self._failures:
            return RolloutState.FAILED
        if self._live is None or self._wanted is not None or self._attempt is not None:
            return RolloutState.PENDING
        return RolloutState.LIVE

    @property
    def busy(self) -> bool:
        """Whether an attempt is under way."""
        return self._attempt is not None

    def adopt(self, generation: int, digest: str | None, in_service: frozenset[str]) -> None:
        """Take note of what nginx serves. `digest` is None when that is unknown or not ours."""
        self._last_number = max(self._last_number, generation)
        self._live = digest
        if digest is not None:
            self.generation, self.in_service = generation, in_service
            self._failures, self._retry_at = 0, -inf

    def wants(self, digest: str) -> bool:
        """Say whether this is what should be served and is not known to be."""
        return self._wanted is not None and self._wanted.digest == digest

    def retry(self) -> None:
        """The cause of the last failure is over: make the next attempt at once."""
        self._retry_at = -inf

    def want(self, lineup: Upstream, digest: str, now: float) -> None:
        """Take note of what should be served."""
        if digest == self._live:
            self._wanted = None
            return
        # A server that gets requests and should not is the reason to hurry; nothing known is one, too.
        urgent = self._live is None or bool(self.in_service - lineup.in_service)
        before = self._wanted
        since = now if before is None or (urgent and not before.urgent) else before.noticed_at
        self._wanted = Wanted(lineup, digest, urgent, since)

    def due(self, now: float) -> Attempt | None:
        """Return the attempt to make now, if there is one; it counts as under way from here on."""
        if self._attempt is not None or self._wanted is None or now < self._due_at(self._wanted, now):
            return None
        self._budget.take(now)
        self._last_number += 1
        self._attempt = Attempt(self._last_number, self._wanted)
        return self._attempt

    def finished(self, result: ReloadResult, now: float, *, reloaded: bool) -> Attempt | None:
        """End the attempt that is under way, and return it."""
        attempt, self._attempt = self._attempt, None
        if not reloaded:
            self._budget.give_back()
        if attempt is None:
            return None
        if result is ReloadResult.LIVE:
            self.adopt(attempt.generation, attempt.wanted.digest, attempt.wanted.lineup.in_service)
            if self.wants(attempt.wanted.digest):
                self._wanted = None
        else:
            self._failures += 1
            pause = FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16)
            self._retry_at = now + min(LONGEST_PAUSE, pause)
        return attempt

    def deadline(self, now: float) -> float:
        """When `due` may return something by waiting."""
        if self._attempt is not None or self._wanted is None:
            return inf
        return self._due_at(self._wanted, now)

    def _due_at(self, wanted: Wanted, now: float) -> float:
        allowed = self._budget.available_at(now, URGENT if wanted.urgent else PATIENT)
        return max(wanted.ready_at, allowed, self._retry_at)
