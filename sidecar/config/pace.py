"""How often something runs, and how long one run may take: the same for checks and for probes of pools."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Seconds

DEFAULT_EVERY: Final = 1.0
"""Seconds between two runs where the file does not say `every`."""
DEFAULT_TIMEOUT: Final = 0.5
"""Seconds for one run where the file does not say `timeout`, but never more than the interval."""
MIN_MAX_AGE: Final = 2.0
"""Seconds below which no result is called stale by default: a busy machine must not fail a fast check."""
_MIN_EVERY: Final = 0.05
_MAX_EVERY: Final = 3600.0
_MIN_TIMEOUT: Final = 0.01
_MAX_TIMEOUT: Final = 60.0


@rule("every")
def every_range(entry: Entry["Pace"]) -> Iterator[Finding]:
    """The period is bounded below by what a probe costs."""
    every = entry.model.every
    if every is not None and not _MIN_EVERY <= every <= _MAX_EVERY:
        yield Finding((*entry.path, "every"), "every-range", "out of range; write 50ms to 1h")


@rule("timeout")
def timeout_range(entry: Entry["Pace"]) -> Iterator[Finding]:
    """A timeout of zero would fail every run."""
    timeout = entry.model.timeout
    if timeout is not None and not _MIN_TIMEOUT <= timeout <= _MAX_TIMEOUT:
        yield Finding((*entry.path, "timeout"), "timeout-range", "out of range; write 10ms to 1m")


@rule("every", "timeout")
def timeout_within_every(entry: Entry["Pace"]) -> Iterator[Finding]:
    """Runs never overlap, so a long timeout stretches the period."""
    pace = entry.model
    if pace.timeout is not None and pace.timeout > pace.interval:
        message = (
            f"longer than `every` ({pace.interval:g}s): a hung target delays the next run; make it shorter"
        )
        yield warning((*entry.path, "timeout"), "timeout-over-every", message)


class Pace(StrictModel):
    """How often something runs."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (every_range, timeout_range, timeout_within_every)

    every: Seconds | None = None
    """Time between two runs, 50ms to 1h, default 1s."""
    timeout: Seconds | None = None
    """Total time of one run, 10ms to 1m, default 500ms or `every` if that is less."""

    @property
    def interval(self) -> float:
        """Seconds between two runs, given or default."""
        return DEFAULT_EVERY if self.every is None else self.every

    @property
    def deadline(self) -> float:
        """Seconds that one run may take, given or default."""
        return min(DEFAULT_TIMEOUT, self.interval) if self.timeout is None else self.timeout

    @property
    def lifetime(self) -> float:
        """Seconds after which a result is stale unless the file says otherwise."""
        return max(MIN_MAX_AGE, 3 * self.interval + self.deadline)
