"""What the monitors remember of one host."""

from collections import deque
from dataclasses import dataclass, field
from math import inf


@dataclass(slots=True)
class Record:
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
    """Transitions."""
    holds: int = 0
    """Requests for the VIPs that were given to the kernel."""
    adverts: deque[float] = field(default_factory=deque)
    """When advertisements were sent within the last second."""
    announcements: deque[float] = field(default_factory=deque)
