"""Drains as both processes tell them, and as the configuration child finds them."""

from typing import Final

from sidecar.channel.codec import Table
from sidecar.channel.limits import Cut, Infinite
from sidecar.core.health.drain_events import DrainAsked

BOUNDS: Final[Table] = {
    (DrainAsked, "until"): Infinite(),
    (DrainAsked, "why"): Cut(200),
}
