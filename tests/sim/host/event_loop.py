"""The event loop of a process: two queues and one timer. It is late by a moment each time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from sidecar.core.events import Event
from tests.sim.life import Life
from tests.sim.timeline import Timeline

LATENESS = 0.002
"""Seconds the loop of a healthy process is late at most."""
QUEUED = 1000
"""Packets and observations that wait at most; more are lost."""


@dataclass(slots=True)
class EventLoop:
    """`turn` is called when something has arrived or the time that was asked for is there."""

    timeline: Timeline
    rng: Random
    life: Life
    turn: Callable[[], None]
    sensed: list[Event] = field(default_factory=list)
    """Packets and observations: read from their sockets before anything else."""
    inbox: list[Event] = field(default_factory=list)
    """Everything else."""
    _wake_at: float = inf

    def begin(self) -> None:
        """The process has been started: nothing waits."""
        self.sensed, self.inbox, self._wake_at = [], [], inf

    @property
    def waiting(self) -> bool:
        """Whether something has arrived."""
        return bool(self.sensed or self.inbox)

    @property
    def full(self) -> bool:
        """Whether the next packet is lost."""
        return len(self.sensed) >= QUEUED

    def take(self) -> list[Event]:
        """Return what has arrived, in the order in which a step takes it."""
        events = self.sensed + self.inbox
        self.sensed, self.inbox = [], []
        return events

    def wake(self, when: float | None = None) -> None:
        """Turn at that true time, or now."""
        when = self.timeline.now if when is None else when
        late = when + self.rng.uniform(0.0001, LATENESS)
        if late < self._wake_at:
            self._wake_at = late
            self.timeline.at(late, self.life.only(partial(self._due, late)))

    def _due(self, meant: float) -> None:
        if meant == self._wake_at:
            self._wake_at = inf
            self.turn()
