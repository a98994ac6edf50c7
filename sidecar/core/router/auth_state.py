"""The state of authenticated adverts: the last sequence of each sender, and the clock that is believed."""

from dataclasses import dataclass, field
from math import inf

from sidecar.core.address import Address


@dataclass(slots=True)
class AuthState:
    """Sequences of the senders, and offsets of wall clocks to the core's clock in seconds."""

    last: int = 0
    """The last sequence that this router has signed."""
    marks: dict[Address, int] = field(default_factory=dict)
    """The last sequence of each sender, the ones heard last at the end."""
    clock_set: bool = False
    believed: float = 0.0
    """The offset that is signed by."""
    live: float = 0.0
    """Offset of this host's wall clock. It may have been set wrongly."""
    ahead: float = 0.0
    """The latest clock ever believed. Nobody has signed its future: no recording is fresh by it."""
    contradicted_since: float = inf
