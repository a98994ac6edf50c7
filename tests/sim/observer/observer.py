"""The process beside the router that runs the checks: its life, its probes, rise and fall.

Without a pace (`Pace`) it is as quick and as reliable as the router itself: what a check sees is heard at
the same moment. With one it is a process of its own: some checks are polled, messages take their time, and
it can be killed, stopped and started again while the router runs on.
"""

from collections.abc import Callable
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
from tests.sim.life import Life
from tests.sim.observer.certainty import CONFIRMED_AFTER, Certainty
from tests.sim.observer.channel import Channel
from tests.sim.observer.pace import Pace
from tests.sim.observer.results import Results
from tests.sim.timeline import Timeline

READY_WITHIN = 0.6
"""Share of the silence that the router bears in which an observer that was started again is ready."""


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
    died: Callable[[], None] = lambda: None
    """Called when the process has ended, and all that it had started with it."""
    pace: Pace | None = None
    silence: float = OBSERVER_SILENCE
    good: dict[str, bool] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    """Checks whose probes hang: there is no result."""
    alive: bool = False
    frozen: bool = False
    ill_at: float = -inf
    """True time at which something that a check looks at was bad last."""
    _health: Health | None = None
    _life: Life = field(default_factory=Life)
    _frozen_at: float = 0.0
    _flaked_at: float = -inf
    _looked: set[str] = field(default_factory=set)
    """Checks that have a result: until all have one, the router counts itself unfit."""
    channel: Channel = field(init=False)
    results: Results = field(init=False)
    certainty: Certainty = field(init=False)

    def __post_init__(self) -> None:
        self.channel = Channel(self.timeline, self.rng, self.tell, self.pace)
        self.results = Results(self.timeline, self.silence)
        self.certainty = Certainty(
            self.timeline, self.pace, self.channel, changed=self.doubted, calm=self._calm
        )

    @property
    def at_work(self) -> bool:
        """Whether checks run."""
        return self._health is not None and not self.frozen

    def _calm(self) -> bool:
        return self.at_work and self.channel.slow == 1.0 and not self.silent

    # ---- the life of the process

    def start(self, after: float = 0.3) -> None:
        """Start it together with the router, which knows nothing yet."""
        self.end()
        self.certainty.doubt()
        self._begin((), after)

    def end(self) -> None:
        """It ends together with the router."""
        self._life.next()
        self._health, self.alive, self.frozen = None, False, False
        self.channel.reset()
        self.died()

    def kill(self) -> None:
        """SIGKILL; the router sees the end of the channel."""
        if not self.alive:
            return
        self.certainty.doubt()
        self._stop_work()
        self._life.next()
        self._health, self.alive, self.frozen = None, False, False
        self.channel.send([ObserverSilent(self.clock())])
        self.died()

    def restart(self) -> None:
        """The router starts another one, hands over what it believes, and hears later that it is ready."""
        if self.alive:
            return
        self._life.next()
        self.alive = True
        start = partial(self._ready, self.handed())
        within = self.rng.choice((0.2, 0.2, READY_WITHIN * self.silence))
        self.timeline.after(self.rng.uniform(0.05, within), self._life.only(start))

    def _ready(self, known: tuple[CheckVerdict, ...]) -> None:
        self.channel.send([ObserverStarted()])
        self.certainty.doubt()
        self._begin(known, CONFIRMED_AFTER)

    def freeze(self, *, noticed: bool = True) -> None:
        """SIGSTOP. After a while the router notices, if it is not stopped itself."""
        if self.pace is None or not self.at_work:
            return
        self.certainty.doubt()
        self._stop_work()
        self.frozen, self._frozen_at = True, self.timeline.now
        since = self.clock()

        def notice() -> None:
            if self.frozen:
                self.channel.send([ObserverSilent(since)])

        if noticed:
            self.timeline.after(self.pace.noticed, self._life.only(notice))

    def thaw(self) -> None:
        """SIGCONT."""
        if not self.frozen:
            return
        self.frozen = False
        self.certainty.doubt()
        self.channel.send([ObserverBack()])
        self._step([Stalled(self.timeline.now - self._frozen_at)])
        for name in self.good:
            self.report(name)

    def excuse(self, seconds: float) -> None:
        """The router stood still: no result has grown older for it."""
        self.certainty.doubt(THAW)
        self.results.excuse(seconds)

    def _stop_work(self) -> None:
        if self.at_work:
            self.results.stop()

    # ---- results

    def hang(self, seconds: float) -> None:
        """The probes come to no end for a while."""
        self.certainty.doubt(seconds)
        self.silent = frozenset(self.good)

    def answer(self) -> None:
        """The probes come to an end."""
        self.certainty.doubt()
        self.silent = frozenset()
        for name in self.good:
            self.report(name)

    def change(self, name: str, *, good: bool) -> None:
        """The target of a check changes."""
        self.ill_at = self.timeline.now
        self.certainty.doubt()
        self.good[name] = good
        if self._check(name).max_age is None:
            self.report(name)

    def report(self, name: str, *, good: bool | None = None) -> None:
        """A check has run."""
        if not self.at_work or name in self.silent:
            return
        outcome = Outcome.PASS if (self.good[name] if good is None else good) else Outcome.FAIL
        self.results.produced(name)
        self._looked.add(name)
        self._will_be_told(name, self.timeline.now)
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
        """Whether the router, which knows of every check, hears of a change of this one within a moment."""
        at_once = self._check(name).max_age is None and name not in self.silent
        return self._looked == self.good.keys() and (self.pace is None or (at_once and self.certainty.sure))

    def _will_be_told(self, name: str, at: float) -> None:
        """The router knows of a result if the process that had it was not stopped meanwhile."""
        if self.pace is None:
            return

        def told() -> None:
            if not self.frozen:
                self.results.told(name, at)

        within = self._check(name).told_within + self.channel.delay
        self.timeline.after(within, self._life.only(told))

    def stale_since(self, name: str, *, told: bool = False) -> float:
        """True time from which on nobody may believe that this check is up, for want of results.

        `told`: from which on it may be taken for stale, because of the results that the router knows of.
        """
        return self.results.stale_since(self._check(name), at_work=self.at_work, told=told)

    def _check(self, name: str) -> CheckParams:
        return next(check for check in self.params.checks if check.name == name)

    def _begin(self, known: tuple[CheckVerdict, ...], within: float) -> None:
        self._health = Health(self.params.checks, self.clock(), known)
        self.alive, self.frozen = True, False
        self.results.begin()
        self._looked = {each.check for each in known if each.up is not None}
        for name in self.good:
            first = (
                partial(self._run, name)
                if self._check(name).max_age is not None
                else partial(self.report, name)
            )
            self.timeline.after(self.rng.uniform(0.01, within), self._life.only(first))

    def _run(self, name: str) -> None:
        """Poll a check, now and again."""
        self.report(name)
        if self.pace is not None:
            again = self.pace.every * self.rng.uniform(0.9, 1.1)
            self.timeline.after(again, self._life.only(partial(self._run, name)))

    def _step(self, events: list[HealthEvent]) -> None:
        if self._health is None or self.frozen:
            return
        reports = self._health.step(events, self.clock())
        news = [report for report in reports if not isinstance(report, CheckFinished)]
        self.channel.send(news)
        if self.pace is None:
            self.ran(bool(news))
        elif self._health.deadline < inf:
            ahead = max(0.0, self._health.deadline - self.clock())
            self.timeline.after(ahead + 0.001, self._life.only(self._tick))

    def _tick(self) -> None:
        if self._health is not None and self.clock() >= self._health.deadline:
            self._step([])
