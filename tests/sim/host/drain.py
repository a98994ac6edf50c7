"""The drain that an operator has asked for: it outlasts the process."""

from dataclasses import dataclass
from math import inf

from tests.sim.timeline import Timeline

NOTICED = 0.1
"""Seconds within which a healthy process takes note of an operator."""


@dataclass(slots=True)
class OperatorDrain:
    """Times are true time in seconds."""

    timeline: Timeline
    until: float = -inf
    """The operator keeps the VIPs away until then."""
    _since: float = inf
    _lately: float = -inf
    """When the last one ends, or has ended."""

    def begin(self, until: float) -> None:
        """The operator keeps the VIPs away until then."""
        if not self.under_way:
            self._since = self.timeline.now
        self.until = self._lately = until

    def end(self) -> None:
        """The operator takes that back."""
        self._lately = min(self._lately, self.timeline.now)
        self.until = -inf

    @property
    def under_way(self) -> bool:
        """Whether an operator keeps the VIPs away."""
        return self.timeline.now < self.until

    @property
    def lately(self) -> bool:
        """Whether one does, or has some moments ago: the process may not have noticed the end."""
        return self.timeline.now < self._lately + NOTICED

    @property
    def surely(self) -> bool:
        """Whether one has for so long that the process must have noticed."""
        return self.under_way and self.timeline.now > self._since + NOTICED
