"""When to look again at a socket on which much arrives: sooner costs a processor, later loses packets.

A step of the loop costs as much as ten packets. On a LAN that is quiet each packet is worth one at
once; in a crowd they wait a little, so that one step hears many.

How many are read in a crowd is bounded by `most` packets every `pause`, whatever arrives. The queue is then
as short as one such portion, so the kernel keeps what arrives soon after a reading and drops the rest. The
pauses are irregular: otherwise an advert that is sent at regular times could be dropped every time.
"""

import os
from dataclasses import dataclass
from math import inf
from typing import Final

RATE: Final = 1000
"""Packets a second that are no crowd: twenty routers at the shortest interval that is of use."""
BURST: Final = 64
"""Packets more than that, for as short as it may be."""
BATCH: Final = 1024
"""Packets read at most in one go. More than a queue holds, so that after a stall everything that
waited is heard, and still an end to it under a flood."""
QUEUE: Final = 262144
"""Bytes of a queue without a crowd: some 630 packets, which the core hears in about 15 ms."""


@dataclass(frozen=True, slots=True)
class Portion:
    """How a crowd is read: at most `most` packets, then a pause of `pause` seconds on average.

    `queue`: bytes of the queue meanwhile. `strict`: not even a step for another reason reads sooner.
    `always`: crowd or not.
    """

    most: int
    pause: float
    queue: int
    strict: bool = True
    always: bool = False

    @property
    def rate(self) -> float:
        """Packets a second on average, at most."""
        return self.most / self.pause

    def next_pause(self) -> float:
        """Return the next pause in seconds."""
        # The module `random` would bring half a megabyte along.
        spread = 1.0 if self.always else 0.5 + int.from_bytes(os.urandom(2)) / 0xFFFF
        return self.pause * spread


PAUSE: Final = 0.01
"""Seconds between two readings of what a router depends on, in a crowd."""
WHOLE: Final = Portion(128, PAUSE, QUEUE, strict=False)
"""A crowd among which the followed master is, or may be."""
URGENT: Final = Portion(32, 0.02, 16384)
"""A crowd of adverts that could move a router, of senders that it does not depend on."""
LESSER: Final = Portion(16, 0.025, 8192)
"""A crowd of adverts that move nothing but are evidence of a second master."""
REFUSED: Final = Portion(16, 0.05, 65536, always=True)
"""Packets that no router could accept, crowd or not: room for a burst of fifty at least."""


@dataclass(slots=True)
class Pace:
    """A bucket that leaks RATE packets a second. Times are seconds of any clock that never goes back."""

    _level: float = 0.0
    _at: float = -inf

    def note(self, packets: int, now: float) -> None:
        """So many arrived until now since the last call, read or not."""
        leaked = (now - self._at) * RATE
        self._level = min(2.0 * BURST, max(0.0, self._level - leaked) + packets)
        self._at = now

    @property
    def crowded(self) -> bool:
        """Whether it is a crowd, by what was noted last."""
        return self._level > BURST
