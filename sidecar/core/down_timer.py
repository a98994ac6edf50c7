"""Active_Down_Timer (RFC 9568 section 6.4.2): how long a backup waits in silence.

The deadline is computed from what is true now and not from what was true when the timer was set:
a node whose priority changes while it waits need not restart anything.
"""

from dataclasses import dataclass

from sidecar.core.params import V3, master_down_interval, skew


@dataclass(slots=True)
class DownTimer:
    """Waiting since `since`, for a master that advertises every `interval` seconds."""

    interval: float
    since: float = 0.0
    hastened: bool = False
    version: int = V3

    def restart(self, now: float, interval: float) -> None:
        """A master was heard: wait a whole Active_Down_Interval from now."""
        self.since, self.interval, self.hastened = now, interval, False

    def hasten(self, now: float, priority: int) -> None:
        """The master leaves: wait Skew_Time from now, unless that would be later than before."""
        if now + skew(priority, self.interval, self.version) < self.deadline(priority):
            self.since, self.hastened = now, True

    def deadline(self, priority: int) -> float:
        """When silence has lasted long enough for a node of this priority."""
        wait = skew if self.hastened else master_down_interval
        return self.since + wait(priority, self.interval, self.version)
