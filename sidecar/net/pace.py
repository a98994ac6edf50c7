"""When to look again at a socket on which much arrives: sooner costs a processor, later loses packets.

A step of the loop costs as much as ten packets. On a LAN that is quiet each packet is worth one at
once; in a crowd they wait a little, so that one step hears many. Timers do not wait: whoever wakes for
another reason hears everything too.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

RATE: Final = 1000
"""Packets a second that are no crowd: twenty routers at the shortest interval that is of use."""
BURST: Final = 64
"""Packets more than that, for as short as it may be."""
PAUSE: Final = 0.01
"""Seconds that a packet waits in a crowd: of 20,000 a second less than a third of the queue."""


@dataclass(slots=True)
class Pace:
    """A bucket that leaks RATE packets a second. Times are seconds of any clock that never goes back."""

    _level: float = 0.0
    _at: float = -inf

    def note(self, packets: int, now: float) -> None:
        """So many were read now."""
        leaked = (now - self._at) * RATE
        self._level = min(2.0 * BURST, max(0.0, self._level - leaked) + packets)
        self._at = now

    @property
    def crowded(self) -> bool:
        """Whether it is a crowd, by what was noted last."""
        return self._level > BURST
