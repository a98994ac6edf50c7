"""The channel from the observer to the router: it keeps the order of messages, and takes its time."""

from collections.abc import Callable, Iterable
from functools import partial
from random import Random

from sidecar.core.events import Event
from tests.sim.observer.pace import Pace
from tests.sim.timeline import Timeline


class Channel:
    """`tell` is the router's inbox. Without a pace a message is there at once."""

    def __init__(
        self, timeline: Timeline, rng: Random, tell: Callable[[Event], None], pace: Pace | None
    ) -> None:
        self.slow = 1.0
        """By how much messages take longer than usual."""
        self._timeline, self._rng, self._tell, self._pace = timeline, rng, tell, pace
        self._life = 0
        self._arrived_at = 0.0

    @property
    def delay(self) -> float:
        """Seconds that a message takes at most."""
        return 0.0 if self._pace is None else self._pace.delay * self.slow

    def reset(self) -> None:
        """The router has ended: what it was told is lost."""
        self._life += 1
        self._arrived_at = 0.0

    def send(self, events: Iterable[Event]) -> None:
        """Give messages to the channel."""
        for event in events:
            if self._pace is None:
                self._tell(event)
                continue
            late = self._rng.uniform(0.0, self.delay)
            self._arrived_at = max(self._arrived_at, self._timeline.now + late)
            self._timeline.at(self._arrived_at, partial(self._deliver, event, self._life))

    def _deliver(self, event: Event, life: int) -> None:
        if life == self._life:
            self._tell(event)
