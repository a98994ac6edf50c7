"""Asks all hosts again and again, and has one picture of them for everybody who looks.

Each host is asked by itself, so that one that hangs delays no other, and hosts that do not answer have few
places of their own, so that any number of them does not either.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Final

from sidecar.checks.resolve import Resolver
from sidecar.cli.fleet.doubts import Doubts
from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.poll import AT_ONCE, Answer, ask
from sidecar.cli.fleet.targets import Target
from sidecar.cli.fleet.verdicts import judge
from sidecar.loop_thread import LoopThread
from sidecar.observer.status_reader import DEADLINE

EVERY: Final = 1.0
"""Seconds between the answer of a host and the next question to it, at most: it is drawn anew each time."""
SILENT_AT_ONCE: Final = 50
"""Connections that are open at the same time to hosts that have not answered before."""
LOOK_EVERY: Final = 0.25
"""Seconds between two judgements; four times as long as one takes, if that is more."""
_SHORTEST: Final = 0.8
_OLD: Final = 10.0
_OLD_PER_TARGET: Final = 0.01
_NOT_ASKED: Final = "not asked yet"


@dataclass(frozen=True, slots=True)
class _Heard:
    answer: Answer
    asked_at: float


class FleetWatcher:
    """Asks between `start` and `stop`, in a thread. `look` may be called from any thread."""

    def __init__(
        self,
        targets: tuple[Target, ...],
        every: float = EVERY,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._targets = targets
        self._every = every
        self._deadline = deadline
        self._clock = clock
        self._wall = wall
        self._old = _OLD + _OLD_PER_TARGET * len(targets)
        self._heard = {target: _Heard(Answer(target, None, _NOT_ASKED), float("-inf")) for target in targets}
        self._wakes: dict[Target, asyncio.Event] = {}
        self._picture = Picture((), (), 0.0)
        self._made_at = float("-inf")
        self._why = ""
        self._first = Event()
        self._thread = LoopThread("fleet", self._live, self._ended)

    def start(self) -> None:
        """Start asking."""
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Ask no more."""
        self._thread.stop(timeout)

    def look(self) -> Picture:
        """Return the last picture. The first one takes as long as the slowest host, or two deadlines.

        Where none was made for long, whatever the reason, every host is unreadable.
        """
        self._first.wait(self._deadline + self._old)
        picture = self._picture
        silent_for = self._clock() - self._made_at
        if silent_for <= self._old:
            return picture
        why = self._why or "this program has asked nobody for long"
        answers = tuple(Answer(target, None, why) for target in self._targets)
        return Picture(judge(answers, self._wall()), answers, self._wall())

    # ---- the thread

    async def _live(self) -> None:
        resolver = Resolver()
        answering, silent = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(SILENT_AT_ONCE)
        self._wakes = {target: asyncio.Event() for target in self._targets}
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._ask(target, resolver, answering)) for target in self._targets]
            # Twice the deadline: hosts that hang are known to hang then, and others may need a second round.
            await asyncio.wait(asked, timeout=2 * self._deadline)
            group.create_task(self._judge())
            for target, first in zip(self._targets, asked, strict=True):
                group.create_task(self._follow(target, first, resolver, (silent, answering)))

    async def _ask(self, target: Target, resolver: Resolver, place: asyncio.Semaphore) -> None:
        async with place:
            asked_at = self._clock()
            answer = await ask(target, resolver, self._deadline)
        self._heard[target] = _Heard(answer, asked_at)

    async def _follow(
        self,
        target: Target,
        first: asyncio.Task[None],
        resolver: Resolver,
        places: tuple[asyncio.Semaphore, asyncio.Semaphore],
    ) -> None:
        """Ask a host when it is time, or when somebody wants to know."""
        wake = self._wakes[target]
        await first
        while True:
            # Not all at once: hosts that were started together would be asked together for ever.
            pause = self._every * random.uniform(_SHORTEST, 1)  # noqa: S311 - no secret
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await wake.wait()
            wake.clear()
            await self._ask(target, resolver, places[self._heard[target].answer.told is not None])

    async def _judge(self) -> None:
        doubts = Doubts()
        while True:
            began = self._clock()
            answers = tuple(self._fresh(target, began) for target in self._targets)
            judged, again = doubts.weigh(
                judge(answers, self._wall()), lambda target: self._heard[target].asked_at, began
            )
            self._picture, self._made_at = Picture(judged, answers, self._wall()), began
            self._first.set()
            for target in again:
                self._wakes[target].set()
            await asyncio.sleep(max(LOOK_EVERY, 4 * (self._clock() - began)))

    def _fresh(self, target: Target, now: float) -> Answer:
        heard = self._heard[target]
        age = now - heard.asked_at
        if heard.answer.told is None or age <= self._old:
            return heard.answer
        return Answer(target, None, f"its last answer is {age:.0f} s old")

    def _ended(self, why: str) -> None:
        self._why = f"nobody is asked any more: {why}"
        self._made_at = float("-inf")
        self._first.set()
