"""Active_Down_Timer (RFC 9568 section 6.4.2): how long a backup waits in silence.

The deadline is computed from what is true now and not from what was true when the timer was set:
a node whose priority changes while it waits need not restart anything.
"""

from dataclasses import dataclass
from typing import Final

from sidecar.core.params import master_down_interval, skew
from sidecar.core.snapshot import Wait
from sidecar.core.wire.constants import V3

TAKEOVER: Final = 0.1
"""Seconds that the takeover of another backup may need until its first advertisement is here."""


@dataclass(slots=True)
class DownTimer:
    """Waiting since `since`, for a master that advertises every `interval` seconds."""

    interval: float
    since: float = 0.0
    wait: Wait = Wait.SILENCE
    version: int = V3

    @property
    def hastened(self) -> bool:
        """Whether a master asked to be replaced."""
        return self.wait in (Wait.RESIGNED, Wait.ALONE)

    def restart(self, now: float, interval: float, wait: Wait = Wait.SILENCE) -> None:
        """A master was heard, or contention begins: wait from now."""
        self.since, self.interval, self.wait = now, interval, wait

    def others_serve(self) -> None:
        """A master was heard, of whatever priority: the silence after our resignation is broken."""
        if self.wait is Wait.AFTER_US:
            self.wait = Wait.SILENCE

    def hasten(self, now: float, priority: int, wait: Wait = Wait.RESIGNED) -> bool:
        """The master leaves: wait less, from now. Return False, and wait on, if that would be later."""
        sooner = now + self._seconds(wait, priority) < self.deadline(priority)
        if sooner:
            self.since, self.wait = now, wait
        return sooner

    def deadline(self, priority: int) -> float:
        """When silence has lasted long enough for a node of this priority."""
        return self.since + self._seconds(self.wait, priority)

    def deadline_if_heard(self, priority: int) -> float:
        """When it runs out if a lesser master, which does not restart it, goes on advertising."""
        wait = Wait.SILENCE if self.wait is Wait.AFTER_US else self.wait
        return self.since + self._seconds(wait, priority)

    def _seconds(self, wait: Wait, priority: int) -> float:
        whole = master_down_interval(priority, self.interval, self.version)
        short = skew(priority, self.interval, self.version)
        match wait:
            case Wait.SILENCE:
                return whole
            case Wait.RESIGNED:
                return short
            case Wait.ALONE:
                return 0.0
            case Wait.AFTER_US:
                return min(whole, self.interval + short + TAKEOVER)
