"""The common base of the models of kinds that run every so often. The others are told by events."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, TypedDict

from sidecar.config.check.base import CheckModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.pace import Pace
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.values.check_scalars import (
    Jitter,
    Spread,
)
from sidecar.config.values.scalars import Seconds

DEFAULT_JITTER: Final = Jitter(share=0.02)
_ELSEWHERE: Final = "polled-only", "a {kind} check is told by events and has no `{key}`; remove it"


@rule("every", "timeout", "jitter")
def jitter_within_every(entry: Entry["PolledModel"]) -> Iterator[Finding]:
    """A run that may start a whole period late has no period."""
    check = entry.model
    if check.longest_jitter > check.interval / 2:
        message = f"more than half of `every` ({check.interval:g}s); write less, such as 5%"
        yield Finding((*entry.path, "jitter"), "jitter-range", message)


@rule("every", "timeout", "jitter", "max_age")
def max_age_beyond_every(entry: Entry["PolledModel"]) -> Iterator[Finding]:
    """A result must live until the next one is there."""
    check = entry.model
    if check.max_age is None:
        return
    least = check.interval + check.longest_jitter + check.deadline
    if check.max_age < least:
        message = f"shorter than `every`, jitter and timeout together ({least:g}s); write more"
        yield Finding((*entry.path, "max_age"), "max-age-range", message)
    elif check.max_age < 2 * least:
        message = f"one late run makes the check fail; write {2 * least:g}s or more"
        yield warning((*entry.path, "max_age"), "max-age-short", message)


class PlainPace(TypedDict):
    """The common part of the plain forms of these kinds."""

    rise: int
    fall: int
    every: float
    timeout: float
    jitter: float


class PolledModel(Pace, CheckModel):
    """How often a check runs."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        *CheckModel.rules,
        *Pace.rules,
        jitter_within_every,
        max_age_beyond_every,
    )
    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = dict.fromkeys(
        ("every", "timeout", "jitter", "max_age"), _ELSEWHERE
    )

    every: Seconds | None = None
    """Time between two runs, 50ms to 1h, default 1s."""
    timeout: Seconds | None = None
    """Total time of one run, 10ms to 1m, default 500ms or `every` if that is less."""
    jitter: Spread = DEFAULT_JITTER
    """How much later than its time a run may start, drawn anew for each."""
    max_age: Seconds | None = None
    """Age at which a result is a failure, default 3 x every + timeout, at least 2s."""

    @property
    def longest_jitter(self) -> float:
        """Most seconds by which a run starts late."""
        return self.jitter.of(self.interval)

    @property
    def oldest(self) -> float | None:
        """Seconds after which a result is stale, given or default."""
        return self.lifetime if self.max_age is None else self.max_age

    def pace(self) -> PlainPace:
        """Return what the plain form has of this."""
        return {
            "rise": self.rise,
            "fall": self.fall,
            "every": self.interval,
            "timeout": self.deadline,
            "jitter": self.longest_jitter,
        }
