"""The monitors' record of one host, and its text."""

from collections import deque
from dataclasses import dataclass, field
from math import inf

from sidecar.core.snapshot import Snapshot


@dataclass(slots=True)
class Watch:
    """Times are true time in seconds."""

    ready_since: float = inf
    """Since when nothing keeps the host from taking over."""
    not_before: float = 0.0
    """A fault of the kernel keeps it from taking over until then."""
    thawed_at: float = -1.0
    disturbed: int = 0
    """How often the process was frozen or killed."""
    must_drop: bool = False
    """It was MASTER and slept too long: its next word must be to give the VIPs up."""
    master: bool = False
    swept: bool = False
    priority: int = 0
    """Effective priority before the step that is under way."""
    unheard: int = 0
    """Advertisements and trials in a row that the kernel refused to send."""
    told_at: float = -1.0
    """When the kernel sent or refused the last one."""
    held_under: tuple[object, ...] = ()
    """The configuration under which the VIPs were held last."""
    held_with: int = 0
    """The priority with which they were."""
    adopted_with: int | None = None
    """What the first advertisement after an adoption must say."""
    unproven_until: float = inf
    """Until when the priority of a life may be believed whose checks had no verdicts; infinity: they had."""
    surely_proven: bool = True
    """Whether the checks of that life had verdicts, and the kernel knows it."""
    moves: int = 0
    holds: int = 0
    adverts: deque[float] = field(default_factory=deque)
    announcements: deque[float] = field(default_factory=deque)


class Violation(AssertionError):  # noqa: N818  # it says what it is
    """A promise was broken. The first word of the message is the monitor's name."""

    def __init__(self, monitor: str, when: float, detail: str) -> None:
        super().__init__(f"{monitor} at {when:.3f}: {detail}")
        self.monitor = monitor


def picture(snapshot: Snapshot) -> str:
    """Everything that a snapshot shows, without the moment and without the times of checks' results."""
    checks = [(check.name, check.kind, check.up, check.detail) for check in snapshot.checks]
    return f"{snapshot.routers!r} {checks!r} {snapshot.stopping}"
