"""The observer says that it lives: in answer to the router, so that nobody is woken for it alone."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Final

from sidecar.stall import StallWatch

CHECKED: Final = 0.5
"""Seconds between two signs of life with checks: no result may age while this process stands still."""
IDLE: Final = 1.2
"""The same without checks. The router, which is answered, says something before that."""
_EARLY: Final = 0.1
"""Seconds by which a sign of life may be early if it is an answer."""


class SignOfLife:
    """For the thread of the loop. `say` says it; `checked` returns whether there are checks.

    `stalls` are those of this process.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, say: Callable[[], None], checked: Callable[[], bool]
    ) -> None:
        self.stalls = StallWatch(IDLE)
        self._loop = loop
        self._say = say
        self._checked = checked
        self._said_at = -inf
        self._timer: asyncio.TimerHandle | None = None

    def give(self) -> None:
        """Say it now, and again and again."""
        if self._timer is not None:
            self._timer.cancel()
        pause = CHECKED if self._checked() else IDLE
        self.stalls.beat(pause)
        self._said_at = self._loop.time()
        self._timer = self._loop.call_later(pause, self.give)
        self._say()

    def answer(self) -> None:
        """The router lives: say it in this turn, too, unless that was just done."""
        if self._loop.time() >= self._said_at + CHECKED - _EARLY:
            self.give()
