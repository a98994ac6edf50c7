"""Whether this router can be heard: what became of its advertisements, and of trials on a backup.

A host whose firewall drops protocol 112, or whose interface refuses every packet, is mute. That is no
FAULT: it can hold the VIPs and answer clients. But it must not take them from a master that serves, and
as a master it must yield to any other one that it hears, because it cannot win an election that nobody
hears. Muteness ends by evidence alone: an advertisement, or a trial of one, that could be sent.

A packet that the kernel takes and drops later on (nft egress, a switch) looks sent. Nobody here can know.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

TRIAL_SPACING: Final = 1.0
"""Seconds between two trials of a backup that is mute."""
TRIAL_AT_REST: Final = 60.0
"""Seconds between two trials of a backup that is not: whoever is on call should know before it must serve."""
PROOF: Final = 1.0
"""Seconds for which the outcome of a trial is believed, or waited for."""


@dataclass(slots=True)
class SendHealth:
    """The record of one router. Times are seconds of the core's clock."""

    interval: float
    error: str = ""
    """Why no advertisement can be sent; "" while nothing is known against it."""
    waits_until: float = -inf
    """A trial is under way: nothing may be taken from another master before its outcome, or this time."""
    _tried_at: float = -inf
    _refused_at: float = -inf
    _proven_at: float = -inf

    @property
    def mute(self) -> bool:
        """Whether nobody hears us."""
        return bool(self.error)

    @property
    def trial_at(self) -> float:
        """When a backup should try again."""
        return self._tried_at + (TRIAL_SPACING if self.mute else TRIAL_AT_REST)

    def rest(self, now: float) -> None:
        """A backup begins to wait: its first trial comes a while later."""
        self._tried_at = now

    def try_now(self, now: float) -> None:
        """A trial is on its way."""
        self._tried_at, self.waits_until = now, now + PROOF

    def proven(self, now: float) -> bool:
        """Whether a packet could be sent just now."""
        return not self.mute and now - self._proven_at <= PROOF

    def refused(self, error: str, now: float, *, at_once: bool) -> bool:
        """An advertisement reached nobody. Return whether we are mute since now.

        Once is an accident (a full queue), twice within two intervals is none. `at_once`: once is enough.
        """
        self.waits_until = -inf
        again = now - self._refused_at <= 2 * self.interval
        self._refused_at = now
        if not (again or at_once or self.mute):
            return False
        began = not self.mute
        self.error = error
        return began

    def succeeded(self, now: float) -> bool:
        """A packet could be sent. Return whether that is the end of being mute."""
        ended, self.error = self.mute, ""
        self.waits_until = -inf
        self._proven_at, self._refused_at = now, -inf
        return ended
