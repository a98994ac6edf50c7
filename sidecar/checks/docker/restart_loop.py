"""Whether a container crashes again and again. Pure: times are seconds of any clock that never goes back.

A container that Docker restarts every few seconds is up most of the time, and never for long. Deaths
that somebody asked for do not count. A container that crashed too often counts as up after it has stayed
up as long as Docker itself wants to see (it then forgets its own back-off).
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.checks.docker.container_state import ContainerState

CRASHES: Final = 3
"""Crashes within WINDOW that make a loop."""
WINDOW: Final = 60.0
STEADY: Final = 10.0
"""Uptime in seconds after which a container no longer counts as crash-looping."""


@dataclass(slots=True)
class RestartLoop:
    """The record of one container name."""

    _crashes: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))
    _latest: ContainerState | None = None
    _up_since: float = -inf
    _told: int = 0
    _looping: bool = False

    def crashed(self, now: float) -> None:
        """The main process died, and nobody had asked for it."""
        self._told += 1
        self._count(now)

    def inspected(self, state: ContainerState, now: float) -> None:
        """The engine says this. Its counter tells of crashes that no event told."""
        before, self._latest = self._latest, state
        if before is None or before.id != state.id:
            self._told, self._up_since = 0, now
            return
        grown = state.restarts - before.restarts
        if grown > 0:
            for _ in range(min(grown - self._told, CRASHES)):
                self._count(now)
            self._told = max(0, self._told - grown)
        if before.life != state.life:
            self._up_since = now
            if grown <= 0:
                self._told = 0

    def until(self, now: float) -> float:
        """When a container that stays up counts as well again; minus infinity: it is in no loop."""
        if self._looping and now >= self._end:
            self._looping = False
        return self._end if self._looping else -inf

    @property
    def _end(self) -> float:
        return max(self._up_since + STEADY, self._crashes[0] + WINDOW)

    def _count(self, now: float) -> None:
        self._crashes.append(now)
        if len(self._crashes) == CRASHES and now - self._crashes[0] < WINDOW:
            self._looping = True
