"""Bounds of each event for a mixed pair, in seconds: restated from the documents, not from the code.

`grace` is for a busy machine, on speed alone; without it these are the published bounds.

The priorities are 250 and 240, so the one who takes over after a failure has 240.
"""

from dataclasses import dataclass

from tests.netns.bounds import BUSY, HANDOVER, KERNEL, LAN, LATE, lease, master_down, skew

STANDBY = 240
"""Priority of the host that takes over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The effect of an event, in seconds."""

    gap: float
    """Longest time without an answer to the client, and so without a holder."""
    both: float
    """Time during which both hosts had the VIP."""

    def within(self, limit: "Outcome") -> bool:
        """Whether neither is beyond the limit."""
        return self.gap <= limit.gap and self.both <= limit.both

    def later(self, seconds: float) -> "Outcome":
        """This limit on a machine whose processes wake up late by so much in all.

        Two have the VIP longer only where that is allowed at all.
        """
        return Outcome(self.gap + seconds, self.both + seconds if self.both else 0.0)


def crash(interval: float, *, ours: bool, grace: float = BUSY) -> Outcome:
    """The serving host is lost. Ours keeps its VIP until the lease ends, one without power keeps nothing."""
    left = max(0.0, lease(interval) + KERNEL - 3 * interval) if ours else 0.0
    return Outcome(master_down(STANDBY, interval) + LATE + grace, left)


def stop(interval: float, *, ours: bool, grace: float = BUSY) -> Outcome:
    """The serving daemon resigns. Ours lets go before it says so; others say so first."""
    return Outcome(skew(STANDBY, interval) + LATE + grace, 0.0 if ours else _handover(grace))


def preemption(silence: float = 0.0, grace: float = BUSY) -> Outcome:
    """The better host is back and takes over from a living one, whom it tells after so many seconds."""
    return Outcome(LAN + LATE + grace, _handover(grace) + silence)


def _handover(grace: float) -> float:
    """Two have the VIP while the news is on its way."""
    return HANDOVER if grace else LAN + LATE


def heal(interval: float) -> float:
    """Seconds after the end of a partition by which one of two holders has let go."""
    return interval + LAN + LATE + BUSY
