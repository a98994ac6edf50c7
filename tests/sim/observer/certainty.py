"""Whether what the router believes must be true, or it may still have to wait for something."""

from collections.abc import Callable

from tests.sim.observer.channel import Channel
from tests.sim.observer.pace import Pace
from tests.sim.timeline import Timeline

CONFIRMED_AFTER = 0.5
"""Seconds in which a process that was started, or goes on, has had a first result of each check."""


class Certainty:
    """`changed` is called when a doubt has begun or ended.

    `calm` says whether nothing is wrong with the observer, before which the last doubt does not end. Without
    a pace there is no doubt.
    """

    def __init__(
        self,
        timeline: Timeline,
        pace: Pace | None,
        channel: Channel,
        *,
        changed: Callable[[], None],
        calm: Callable[[], bool],
    ) -> None:
        self._timeline, self._pace, self._channel = timeline, pace, channel
        self._changed, self._calm = changed, calm
        self._doubts = 0

    @property
    def sure(self) -> bool:
        """Whether nothing happened that the router may have to wait for."""
        return self._doubts == 0

    @property
    def settled_within(self) -> float:
        """Seconds after which the router knows what a check looks at, if nothing else happens."""
        return 0.0 if self._pace is None else CONFIRMED_AFTER + 5 * self._pace.every + 2 * self._channel.delay

    def doubt(self, seconds: float = 0.0) -> None:
        """Something happens to which the router may need up to `seconds`, and those of a new start."""
        if self._pace is None:
            return
        self._doubts += 1
        self._changed()
        self._timeline.after(seconds + self.settled_within, self._trust)

    def _trust(self) -> None:
        if self._doubts == 1 and not self._calm():
            self._timeline.after(CONFIRMED_AFTER, self._trust)
            return
        self._doubts -= 1
        self._changed()
