"""Reports about checks, for people and scrapers."""

from dataclasses import dataclass

from sidecar.core.health.result import CheckResult


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A check ran once. `counts` is the raw result, before rise and fall."""

    check: str
    kind: str
    result: CheckResult


@dataclass(frozen=True, slots=True)
class CheckChanged:
    """The verdict on a check changed."""

    check: str
    kind: str
    up: bool
    detail: str
