"""The parts of a check: a watch that runs for ever, or a probe that runs every so often.

The probe of a kind is in the module of its name, with a function `build` of type `Builder`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sidecar.checks.resolve import Resolver
from sidecar.core.health.result import CheckResult, Measured, Outcome
from sidecar.programs.fork_server import ForkServer
from sidecar.stall import StallWatch

if TYPE_CHECKING:
    from sidecar.checks.docker.feed import DockerFeed

Report = Callable[[CheckResult], None]


@dataclass(slots=True)
class ProbeProgress:
    """How far a run has come, in words, so that a deadline can say what was missing; and what it measured."""

    reached: str = "nothing done"
    prompted: bool = False
    """Whether the end of a connection to the target has caused this run, and nothing may hold it up."""
    took: dict[str, float] = field(default_factory=dict)
    """Seconds of each phase that has ended, by its name (the label of the metric), in their order."""
    certificate_expires: float | None = None
    """End of the validity of the target's certificate in Unix seconds."""
    warning: str = ""
    """A sentence about a failure to come, such as a certificate that ends."""

    @property
    def measured(self) -> Measured:
        """All of it, as data."""
        return Measured(tuple(self.took.items()), self.certificate_expires, self.warning)


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding of one run of a probe.

    `detail` completes the sentence "the target ..." without the time. A failure is `certain` when the
    target's kernel said no (refused, reset): it comes at once and may be asked again at once. It is
    `unreached` when this host's kernel gave up: there is no route, or no neighbour answers.
    """

    outcome: Outcome
    detail: str
    certain: bool = False
    unreached: bool = False


class Probe(Protocol):
    """One run. The caller owns the deadline and cancels; expected failures are findings, not exceptions."""

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Ask the target once, and write into `phase` what has been reached."""


class Watch(Protocol):
    """A check at work."""

    async def run(self, report: Report) -> None:
        """Report results until cancelled. Returning or raising is a crash of the check."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Resources that all checks of one runner share. `docker` is None when no engine is configured."""

    resolver: Resolver
    docker: "DockerFeed | None"
    programs: ForkServer
    stalls: StallWatch


Builder = Callable[[Any, Tools], Watch]
"""Makes the watch of a check of its kind, one of the dataclasses in `sidecar.plan.check`."""
