"""Observers that end at any moment: each check is in the end what its results say, for the router too."""

from random import Random

import pytest

from sidecar.core.events import Started
from sidecar.core.health.health import Health
from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverEvent,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.core.health.params import OBSERVER_SILENCE, CheckParams
from sidecar.core.health.result import CheckReported, CheckResult, Outcome
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from tests.unit.core.stage import DROPPED, LINK, feed, router

POLLED = CheckParams("http", "http", rise=2, fall=3, max_age=3.0)
EVENTS = CheckParams("nginx", "process")
CHECKS = (POLLED, EVENTS)


class Host:
    """The two processes of a host, and what is so of its checks."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.now = 0.0
        self.well = {check.name: True for check in CHECKS}
        self.node = Node(NodeParams("a", (router(100, checks=("http", "nginx")),), CHECKS), 0.0)
        feed(self.node, (0.0, [LINK, Started()]), (0.0, [DROPPED]))

    def life(self, results: int, changes: float) -> None:
        """An observer starts and is handed the verdicts, is ready some time later, and has so many results.

        `changes` is how likely it is after each of them that one of the checks changes.
        """
        health = Health(CHECKS, self.now, self.node.verdicts)
        self._pass(self._rng.choice([0.3, 2.0, 2.0 * OBSERVER_SILENCE]))
        self._hear(ObserverStarted())
        self._event_check(health)
        for _ in range(results):
            self._pass(0.5)
            self._result(health, "http", decisive=False)
            if self._rng.random() < changes:
                name = self._rng.choice(["http", "nginx"])
                self.well[name] = not self.well[name]
                self._event_check(health)

    def ends(self) -> None:
        """The observer ends, and the next one is started after a pause."""
        self._hear(ObserverSilent(self.now))
        self._pass(self._rng.choice([0.1, 3.0, 2.0 * OBSERVER_SILENCE]))

    def believed(self) -> dict[str, bool | None]:
        return {check.name: check.up for check in self.node.snapshot(self.now).checks}

    def _event_check(self, health: Health) -> None:
        """A check that is told by events reports when it begins, and when something changes."""
        self._result(health, "nginx", decisive=True)

    def _result(self, health: Health, name: str, *, decisive: bool) -> None:
        outcome = Outcome.PASS if self.well[name] else Outcome.FAIL
        reports = health.step([CheckReported(name, CheckResult(outcome, "", decisive=decisive))], self.now)
        self._hear(*(each for each in reports if isinstance(each, CheckVerdict | ChecksFresh)))

    def _hear(self, *events: ObserverEvent) -> None:
        self.node.step(list(events), self.now)

    def _pass(self, seconds: float) -> None:
        until = self.now + seconds
        while self.node.deadline < until:
            self.now = max(self.now, self.node.deadline)
            self.node.step([], self.now)
        self.now = until
        self.node.step([], self.now)


@pytest.mark.parametrize("seed", range(300))
def test_whenever_observers_end_the_router_believes_what_the_last_one_finds(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - a simulation
    host = Host(rng)
    for _ in range(rng.randrange(1, 6)):
        host.life(rng.choice([0, 1, 2, 10]), changes=0.2)
        host.ends()
    host.life(max(POLLED.rise, POLLED.fall), changes=0.0)
    assert host.believed() == host.well
