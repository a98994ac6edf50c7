"""Rise and fall for results that come from several threads."""

from collections.abc import Callable, Iterable
from math import inf
from threading import Lock

from sidecar.core.health.health import Health, HealthEvent, HealthReport
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckReported, CheckResult
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.stall import Stalled
from sidecar.stall import StallMeter, StallWatch


class HealthKeeper:
    """One Health. `tell` is called in the thread of a result, or of `tick`; one call at a time, in order.

    `wake_at` asks for a `tick` at a time of the clock of `stalls`; it is called in the same threads, must not
    block, and a tick more does no harm. `stalls` are those of this process: no result has aged in them.
    """

    def __init__(
        self,
        checks: tuple[CheckParams, ...],
        stalls: StallWatch,
        tell: Callable[[Iterable[HealthReport]], None],
        wake_at: Callable[[float], None],
        known: Iterable[CheckVerdict] = (),
    ) -> None:
        self._clock = stalls.clock
        self._health = Health(checks, self._clock(), known)
        self._stalls = StallMeter(stalls)
        self._tell = tell
        self._wake_at = wake_at
        self._asked_for = inf
        self._lock = Lock()
        self.snapshot: tuple[CheckSnapshot, ...] = self._health.snapshot()
        """One picture of each check. Replaced as a whole: whoever reads it never waits for a result."""

    def result(self, check: str, result: CheckResult) -> None:
        """Take one result."""
        with self._lock:
            self._step([CheckReported(check, result)])

    def forget(self, checks: Iterable[str]) -> None:
        """Hear no result of these checks any more, until an exchange names them again."""
        with self._lock:
            self._health.forget(checks)

    def exchange(self, checks: tuple[CheckParams, ...], counted: Callable[[], None]) -> None:
        """Count results of these checks from now on. One of the same name and kind keeps its counts.

        `counted` is called when all that was told before counts in the old checks, and all that follows in
        the new ones.
        """
        with self._lock:
            self._health.exchange(checks, self._clock())
            self.snapshot = self._health.snapshot()
            counted()

    def tick(self) -> None:
        """Time passed."""
        with self._lock:
            self._asked_for = inf
            self._step([])

    def _step(self, events: list[HealthEvent]) -> None:
        if (stalled := self._stalls.news()) > 0:
            events.insert(0, Stalled(stalled))
        reports = self._health.step(events, self._clock())
        self.snapshot = self._health.snapshot()
        self._tell(reports)
        if self._health.deadline < self._asked_for:
            self._asked_for = self._health.deadline
            self._wake_at(self._asked_for)
