"""When checks failed, by their results: the verdict comes later, and visitors do not wait for it."""

from dataclasses import dataclass, replace
from threading import Lock

from sidecar.core.health.result import CheckResult, Outcome


@dataclass(frozen=True, slots=True)
class _Row:
    """The results of a check since the last that passed. Times are of the clock of both processes."""

    passed_at: float | None = None
    failed_at: float | None = None
    exact: bool = False


class FailureTimes:
    """Safe from any thread. Checks are few: they are those of the configuration."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, _Row] = {}

    def result(self, check: str, result: CheckResult, now: float) -> None:
        """Take a result that has just come. One that cannot tell says nothing of when it failed."""
        with self._lock:
            row = self._rows.get(check, _Row())
            if result.outcome is Outcome.PASS:
                self._rows[check] = _Row(passed_at=now)
            elif result.outcome is not Outcome.UNKNOWN and row.failed_at is None:
                # A target that says nothing had failed when it was asked.
                exact = result.decisive or result.prompted
                self._rows[check] = replace(row, failed_at=now - result.seconds, exact=exact)

    def fields(self, check: str, at: float) -> dict[str, float]:
        """Return the fields of the event that a check is down; none if no result says so."""
        with self._lock:
            row = self._rows.get(check, _Row())
        if row.failed_at is None:
            return {}
        fields = {"failing_seconds": max(0.0, at - row.failed_at)}
        if row.exact:
            fields["unsure_seconds"] = 0.0
        elif row.passed_at is not None:
            fields["unsure_seconds"] = max(0.0, row.failed_at - row.passed_at)
        return {name: round(seconds, 6) for name, seconds in fields.items()}
