"""Which masters are heard. Evidence for people (two masters at once) and for the preemption rule."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.core.params import Address
from sidecar.core.snapshot import MasterSeen

REMEMBERED: Final = 16
"""Senders remembered at most, so that forged sources cannot fill the memory."""


@dataclass(slots=True)
class Peers:
    """Every sender of an accepted advertisement that was not a farewell, with when it was last heard."""

    master: MasterSeen | None = None
    """The sender heard last."""
    _heard: dict[Address, float] = field(default_factory=dict)

    def hear(self, source: Address, priority: int, now: float) -> float | None:
        """Note an advertisement; return the seconds since the last one of this sender, if there was one."""
        before = self._heard.pop(source, None)
        if priority == 0:
            if self.master is not None and self.master.source == source:
                self.master = None
            return None
        if len(self._heard) >= REMEMBERED:
            del self._heard[next(iter(self._heard))]
        self._heard[source] = now
        self.master = MasterSeen(source, priority, now)
        return None if before is None else now - before

    def observed(self, now: float, window: float) -> int:
        """Return how many masters were heard within the last `window` seconds."""
        return sum(1 for at in self._heard.values() if now - at <= window)
