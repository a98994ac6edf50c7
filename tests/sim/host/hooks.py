"""The programs of the hooks of a host, and the observer that runs them in their order.

The order is that of the code that ships (`sidecar/hooks/lane.py`). How long a program takes, and how it
ends, is what a fault decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.events import Event, HookEnded
from sidecar.core.hook import HookResult
from sidecar.hooks.lane import Lane, Superseded
from tests.sim.life import Life
from tests.sim.observer.observer import Observer
from tests.sim.timeline import Timeline

LONGEST = 3.0
"""Seconds after which a program is ended that nobody waits for."""
KILLED = 0.005
"""Seconds until nothing is left of a program that is ended."""
AGAIN = 0.05


@dataclass(slots=True)
class HookPrograms:
    """`tell` is the router's inbox. Times are true time; `clock` is that of the host's processes."""

    timeline: Timeline
    rng: Random
    clock: Callable[[], float]
    tell: Callable[[Event], None]
    observer: Observer
    hangs: bool = False
    fails: bool = False
    slow: float = 0.02
    """Seconds that a program takes at most."""
    ran: list[tuple[float, float, RunHook]] = field(default_factory=list)
    """Programs that have run: from, until, and what was asked for."""
    overlapping: bool = False
    """Whether one ever began while another one ran."""
    lane: Lane = field(default_factory=Lane)
    _runs: RunHook | None = None
    """The program that runs, whatever the lane says."""
    _begun_at: float = 0.0
    _life: Life = field(default_factory=Life)
    """Of the observer: what it ran ends with it."""
    _program: Life = field(default_factory=Life)

    def perform(self, command: RunHook | CancelHook) -> None:
        """The router wants this."""
        if isinstance(command, RunHook) and not self.observer.alive:
            self.tell(HookEnded(command.router, command.hook, command.asked_at, HookResult.SKIPPED))
        else:
            self._when_it_runs(partial(self._take, command))

    def died(self) -> None:
        """The observer has ended, and the programs with it. The router sees that at once."""
        self._life.next()
        self._program.next()
        lost = [*self.lane.waiting] + ([] if self.lane.running is None else [self.lane.running])
        self._note(self.timeline.now)
        self.lane = Lane()
        for each in lost:
            self.tell(HookEnded(each.router, each.hook, each.asked_at, HookResult.LOST))

    @property
    def running(self) -> RunHook | None:
        """What runs now."""
        return self.lane.running

    def _when_it_runs(self, do: Callable[[], None]) -> None:
        """An observer that is stopped does it when it goes on."""
        if self.observer.frozen:
            self.timeline.after(AGAIN, self._life.only(partial(self._when_it_runs, do)))
        else:
            do()

    def _take(self, command: RunHook | CancelHook) -> None:
        if isinstance(command, CancelHook):
            self._follow(self.lane.cancel(command.asked_at))
        else:
            self._follow(self.lane.ask(command))
        self._next()

    def _follow(self, superseded: Superseded) -> None:
        for each in superseded.dropped:
            self._answer(each, HookResult.SUPERSEDED)
        if superseded.end:
            self._end_soon(HookResult.SUPERSEDED)

    def _next(self) -> None:
        run = self.lane.next()
        if run is None:
            return
        left = min(LONGEST, run.until - self.clock())
        if left <= 0:
            self.lane.ended()
            self._answer(run, HookResult.TIMEOUT)
            self._next()
            return
        self._program.next()
        self.overlapping |= self._runs is not None
        self._begun_at, self._runs = self.timeline.now, run
        takes = inf if self.hangs else self.rng.uniform(0.001, self.slow)
        result = HookResult.FAILED if self.fails else HookResult.OK
        if takes < left:
            self.timeline.after(takes, self._program.only(partial(self._ended, run, result)))
        else:
            self.timeline.after(left, self._program.only(partial(self._end_soon, HookResult.TIMEOUT)))

    def _end_soon(self, result: HookResult) -> None:
        self._program.next()
        if self.lane.running is not None:
            over = partial(self._ended, self.lane.running, result)
            self.timeline.after(KILLED, self._program.only(over))

    def _ended(self, run: RunHook, result: HookResult) -> None:
        self._note(self.timeline.now)
        self._when_it_runs(partial(self._over, run, result))

    def _over(self, run: RunHook, result: HookResult) -> None:
        self.lane.ended()
        self._answer(run, result)
        self._next()

    def _note(self, until: float) -> None:
        if self._runs is not None:
            self.ran.append((self._begun_at, until, self._runs))
        self._runs = None

    def _answer(self, run: RunHook, result: HookResult) -> None:
        self.observer.channel.send([HookEnded(run.router, run.hook, run.asked_at, result)])
