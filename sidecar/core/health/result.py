"""The result of one run of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Result of one run of a check; the value is the `result` label of the counter."""

    PASS = "pass"
    FAIL = "fail"
    TIMEOUT = "timeout"
    ERROR = "error"
    """The check could not run. Fail closed: counts as a failure."""
    UNKNOWN = "unknown"
    """Nobody can tell (the Docker daemon is away). Changes no verdict."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements of a run besides its verdict.

    `phases` are names and seconds in their order, `certificate_expires` is in Unix seconds, and a
    `warning` is a sentence about what will be a failure one day and is none yet.
    """

    phases: tuple[tuple[str, float], ...] = ()
    certificate_expires: float | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One observation by a probe.

    `detail` is a short English phrase for people ("200 in 3 ms"), `seconds` the time it took.
    A `decisive` result is a fact and not a sample (the process is dead): it needs no rise or fall. One that
    is `prompted` was asked for because the target had just cut a connection.
    """

    outcome: Outcome
    detail: str
    seconds: float = 0.0
    decisive: bool = False
    prompted: bool = False
    measured: Measured = Measured()


@dataclass(frozen=True, slots=True)
class CheckReported:
    """A check has a new result. An event of the observer (health.py), not of `Node`."""

    check: str
    result: CheckResult
