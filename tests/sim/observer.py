"""The process beside the router that runs the checks: results, rise and fall, and the channel between them.

Without a pace (`Pace`) it is as quick and as reliable as the router itself: what a check sees is heard at
the same moment. With one it is a process of its own: some checks are polled, messages take their time, and
it can be killed, stopped and started again while the router runs on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from sidecar.core.events import Event
from sidecar.core.health.health import Health, HealthEvent
from sidecar.core.health.observer_events import CheckVerdict, ObserverBack, ObserverSilent, ObserverStarted
from sidecar.core.health.params import OBSERVER_SILENCE, CheckParams
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.result import CheckReported, CheckResult, Outcome
from sidecar.core.params import NodeParams
from sidecar.core.stall import THAW, Stalled
from tests.sim.timeline import Timeline

CONFIRMED_AFTER = 0.5
"""Seconds in which a process that was started, or goes on, has had a first result of each check."""

READY_WITHIN = 0.6
"""Share of the silence that the router bears in which an observer that was started again is ready."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between two runs of a polled check, and that a message to the router takes at most.

    `noticed` is how long the router needs to notice that nothing is heard any more.
    """

    every: float
    delay: float
    noticed: float


@dataclass(slots=True)
class Observer:
    """The observer of one host.

    `tell` is the router's inbox, `handed` what it gives to one that starts now, `ran` says that a check has
    run and whether that was news, `doubted` tells the monitors that what the router believes may change soon.
    """

    params: NodeParams
    timeline: Timeline
    rng: Random
    clock: Callable[[], float]
    tell: Callable[[Event], None]
    handed: Callable[[], tuple[CheckVerdict, ...]]
    ran: Callable[[bool], None]
    doubted: Callable[[], None]
    pace: Pace | None = None
    silence: float = OBSERVER_SILENCE
    good: dict[str, bool] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    """Checks whose probes hang: there is no result."""
    alive: bool = False
    frozen: bool = False
    slow: float = 1.0
    """By how much messages take longer than usual."""
    produced_at: dict[str, float] = field(default_factory=dict)
    """True time of the last result of each check."""
    told_at: dict[str, float] = field(default_factory=dict)
    """True time of the last result that the router knows of."""
    confirmed: frozenset[str] = frozenset()
    """Checks that have had a result in this life."""
    ill_at: float = -inf
    """True time at which something that a check looks at was bad last."""
    unwatched_since: dict[str, float] = field(default_factory=dict)
    """True time at which the work that saw the last result of a check has ended."""
    _health: Health | None = None
    _life: int = 0
    _router: int = 0
    """Counts the lives of the router: what an earlier one was told is lost."""
    _doubts: int = 0
    _frozen_at: float = 0.0
    _flaked_at: float = -inf
    _began_at: float = 0.0
    _arrived_at: float = 0.0

    @property
    def at_work(self) -> bool:
        """Whether checks run."""
        return self._health is not None and not self.frozen

    @property
    def settled_within(self) -> float:
        """Seconds after which the router knows what a check looks at, if nothing else happens."""
        pace = self.pace
        return 0.0 if pace is None else CONFIRMED_AFTER + 5 * pace.every + 2 * pace.delay * self.slow

    @property
    def sure(self) -> bool:
        """Whether what the router believes must be true: nothing happened that it may have to wait for."""
        return self._doubts == 0

    # ---- the life of the process

    def start(self, after: float = 0.3) -> None:
        """Start it together with the router, which knows nothing yet."""
        self.end()
        self.doubt()
        self._begin((), after)

    def end(self) -> None:
        """It ends together with the router."""
        self._life += 1
        self._router += 1
        self._health, self.alive, self.frozen = None, False, False
        self._arrived_at = 0.0

    def kill(self) -> None:
        """SIGKILL; the router sees the end of the channel."""
        if not self.alive:
            return
        self.doubt()
        self._stop_work()
        self._life += 1
        self._health, self.alive, self.frozen = None, False, False
        self._send([ObserverSilent(self.clock())])

    def restart(self) -> None:
        """The router starts another one, hands over what it believes, and hears later that it is ready."""
        if self.alive:
            return
        self._life += 1
        self.alive = True
        start = partial(self._ready, self.handed())
        within = self.rng.choice((0.2, 0.2, READY_WITHIN * self.silence))
        self.timeline.after(self.rng.uniform(0.05, within), self._in_this_life(start))

    def _ready(self, known: Iterable[CheckVerdict]) -> None:
        self._send([ObserverStarted()])
        self.doubt()
        self._begin(known, CONFIRMED_AFTER)

    def freeze(self, *, noticed: bool = True) -> None:
        """SIGSTOP. After a while the router notices, if it is not stopped itself."""
        if self.pace is None or not self.at_work:
            return
        self.doubt()
        self._stop_work()
        self.frozen, self._frozen_at = True, self.timeline.now
        since = self.clock()

        def notice() -> None:
            if self.frozen:
                self._send([ObserverSilent(since)])

        if noticed:
            self.timeline.after(self.pace.noticed, self._in_this_life(notice))

    def thaw(self) -> None:
        """SIGCONT."""
        if not self.frozen:
            return
        self.frozen = False
        self.doubt()
        self._send([ObserverBack()])
        self._step([Stalled(self.timeline.now - self._frozen_at)])
        for name in self.good:
            self.report(name)

    def excuse(self, seconds: float) -> None:
        """The router stood still: no result has grown older for it."""
        self.doubt(THAW)
        for times in (self.produced_at, self.told_at, self.unwatched_since):
            times.update({name: min(self.timeline.now, at + seconds) for name, at in times.items()})

    def doubt(self, seconds: float = 0.0) -> None:
        """Something happens to which the router may need up to `seconds`, and those of a new start."""
        if self.pace is None:
            return
        self._doubts += 1
        self.doubted()
        self.timeline.after(seconds + self.settled_within, self._trust)

    def _trust(self) -> None:
        if self._doubts == 1 and not (self.at_work and self.slow == 1.0 and not self.silent):
            self.timeline.after(CONFIRMED_AFTER, self._trust)
            return
        self._doubts -= 1
        self.doubted()

    def _stop_work(self) -> None:
        if self.at_work:
            self.unwatched_since.update(dict.fromkeys(self.confirmed, self.timeline.now))

    # ---- results

    def hang(self, seconds: float) -> None:
        """The probes come to no end for a while."""
        self.doubt(seconds)
        self.silent = frozenset(self.good)

    def answer(self) -> None:
        """The probes come to an end."""
        self.doubt()
        self.silent = frozenset()
        for name in self.good:
            self.report(name)

    def change(self, name: str, *, good: bool) -> None:
        """The target of a check changes."""
        self.ill_at = self.timeline.now
        self.doubt()
        self.good[name] = good
        if self._check(name).max_age is None:
            self.report(name)

    def report(self, name: str, *, good: bool | None = None) -> None:
        """A check has run."""
        if not self.at_work or name in self.silent:
            return
        outcome = Outcome.PASS if (self.good[name] if good is None else good) else Outcome.FAIL
        self.produced_at[name] = self.timeline.now
        self._will_be_told(name, self.timeline.now)
        self.confirmed |= {name}
        polled = self._check(name).max_age is not None
        self._step([CheckReported(name, CheckResult(outcome, "looked", decisive=not polled))])

    def flake(self, name: str) -> None:
        """A polled check fails once, and not again before it has passed."""
        if self.at_work and self.good[name] and self.timeline.now >= self._flaked_at + 4 * self._every:
            self._flaked_at = self.timeline.now
            self.report(name, good=False)

    @property
    def _every(self) -> float:
        return 0.0 if self.pace is None else self.pace.every

    def tells_at_once(self, name: str) -> bool:
        """Whether the router hears of a change of this check within a moment."""
        at_once = self._check(name).max_age is None and name not in self.silent
        return self.pace is None or (at_once and self.sure)

    def _will_be_told(self, name: str, at: float) -> None:
        """The router knows of a result if the process that had it was not stopped meanwhile."""
        if self.pace is None:
            return
        check = self._check(name)

        def told() -> None:
            if not self.frozen:
                self.told_at[name] = max(at, self.told_at.get(name, at))

        within = check.told_within + self.pace.delay * self.slow
        self.timeline.after(within, self._in_this_life(told))

    def stale_since(self, name: str, *, told: bool = False) -> float:
        """True time from which on nobody may believe that this check is up, for want of results.

        `told`: from which on it may be taken for stale, because of the results that the router knows of.
        """
        check = self._check(name)
        if check.max_age is not None and told:
            return self.told_at.get(name, -inf) + check.max_age
        if check.max_age is not None:
            return self.produced_at.get(name, -inf) + check.max_age + check.told_within
        known = self.told_at.get(name, -inf) >= self._began_at if told else name in self.confirmed
        if self.at_work and known:
            return inf
        return self.unwatched_since.get(name, -inf) + self.silence

    def _check(self, name: str) -> CheckParams:
        return next(check for check in self.params.checks if check.name == name)

    def _begin(self, known: Iterable[CheckVerdict], within: float) -> None:
        self._health = Health(self.params.checks, self.clock(), known)
        self.alive, self.frozen, self.confirmed = True, False, frozenset()
        self._began_at = self.timeline.now
        for name in self.good:
            first = (
                partial(self._run, name)
                if self._check(name).max_age is not None
                else partial(self.report, name)
            )
            self.timeline.after(self.rng.uniform(0.01, within), self._in_this_life(first))

    def _run(self, name: str) -> None:
        """Poll a check, now and again."""
        self.report(name)
        if self.pace is not None:
            again = self.pace.every * self.rng.uniform(0.9, 1.1)
            self.timeline.after(again, self._in_this_life(partial(self._run, name)))

    def _step(self, events: list[HealthEvent]) -> None:
        if self._health is None or self.frozen:
            return
        reports = self._health.step(events, self.clock())
        news = [report for report in reports if not isinstance(report, CheckFinished)]
        self._send(news)
        if self.pace is None:
            self.ran(bool(news))
        elif self._health.deadline < inf:
            ahead = max(0.0, self._health.deadline - self.clock())
            self.timeline.after(ahead + 0.001, self._in_this_life(self._tick))

    def _tick(self) -> None:
        if self._health is not None and self.clock() >= self._health.deadline:
            self._step([])

    def _send(self, events: Iterable[Event]) -> None:
        """Give messages to the channel, which keeps their order."""
        for event in events:
            if self.pace is None:
                self.tell(event)
                continue
            late = self.rng.uniform(0.0, self.pace.delay * self.slow)
            self._arrived_at = max(self._arrived_at, self.timeline.now + late)
            self.timeline.at(self._arrived_at, partial(self._deliver, event, self._router))

    def _deliver(self, event: Event, router: int) -> None:
        if router == self._router:
            self.tell(event)

    def _in_this_life(self, do: Callable[[], None]) -> Callable[[], None]:
        life = self._life
        return lambda: do() if self._life == life else None
