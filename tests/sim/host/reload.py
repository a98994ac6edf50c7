"""The parameters that a process is to have next, and what it had before."""

from dataclasses import dataclass
from math import inf

from sidecar.core.params import NodeParams

UNDER_WAY = 0.5
"""Seconds after which every packet has arrived and was heard."""


@dataclass(slots=True)
class Reload:
    """Times are true time in seconds."""

    pending: NodeParams | None = None
    """Parameters that are exchanged after the next step, if any."""
    at: float = -inf
    """When the parameters were exchanged last; minus infinity: never."""
    _priority_before: int = 0

    def take(self) -> NodeParams | None:
        """Return what waits to be exchanged; it waits no more."""
        params, self.pending = self.pending, None
        return params

    def exchanged(self, before: NodeParams, now: float) -> None:
        """The process had these parameters until now."""
        self.at, self._priority_before = now, before.routers[0].priority

    def said(self, params: NodeParams, now: float) -> int:
        """Return the highest priority that a packet may say which is still under way."""
        priority = params.routers[0].priority
        return max(priority, self._priority_before) if now - self.at < UNDER_WAY else priority
