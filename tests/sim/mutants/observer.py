"""Planted bugs about results that do not come, and an observer that is away, stopped or new."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from sidecar.core.health import health
from sidecar.core.health.check_state import CheckState
from sidecar.core.health.health import Health, HealthReport
from sidecar.core.health.observer_events import ChecksFresh, ObserverBack, ObserverSilent, ObserverStarted
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.verdicts import CheckBelief, Verdicts

Patch = pytest.MonkeyPatch


def _hearing(patch: Patch, instead: Callable[[Any], Any]) -> None:
    """Let the router hear something else instead of some events; None: nothing."""
    whole = Verdicts.hear

    def hear(self: Verdicts, event: Any, now: float) -> list[CheckBelief]:
        heard = instead(event)
        return [] if heard is None else whole(self, heard, now)

    patch.setattr(Verdicts, "hear", hear)


def no_verdict_grows_stale(patch: Patch) -> None:
    patch.setattr(CheckBelief, "stale_at", lambda *_: inf)


def nobody_wakes_for_a_verdict_that_grows_stale(patch: Patch) -> None:
    patch.setattr(Verdicts, "deadline", inf)


def a_silent_observer_is_believed(patch: Patch) -> None:
    _hearing(patch, lambda event: None if isinstance(event, ObserverSilent) else event)


def a_new_observer_is_believed_without_a_result(patch: Patch) -> None:
    _hearing(patch, lambda event: ObserverBack() if isinstance(event, ObserverStarted) else event)


def an_observer_that_is_back_is_not_believed(patch: Patch) -> None:
    _hearing(patch, lambda event: None if isinstance(event, ObserverBack) else event)


def what_was_stale_stays_stale(patch: Patch) -> None:
    whole = CheckBelief.aged
    patch.setattr(CheckBelief, "aged", lambda self, *args: self if self.stale else whole(self, *args))


def no_confirmation_is_told(patch: Patch) -> None:
    whole = Health.step

    def step(self: Health, events: Any, now: float) -> list[HealthReport]:
        return [each for each in whole(self, events, now) if not isinstance(each, ChecksFresh)]

    patch.setattr(Health, "step", step)


def a_verdict_is_told_with_the_next_confirmation(patch: Patch) -> None:
    whole = Health.step
    late: list[HealthReport] = []

    def step(self: Health, events: Any, now: float) -> list[HealthReport]:
        reports = whole(self, events, now)
        told = [each for each in reports if not isinstance(each, CheckFinished)]
        if any(isinstance(each, ChecksFresh) for each in told):
            waiting, late[:] = late.copy(), []
            return waiting + reports
        late.extend(told)
        return [each for each in reports if isinstance(each, CheckFinished)]

    patch.setattr(Health, "step", step)


def a_new_observer_knows_nothing(patch: Patch) -> None:
    patch.setattr(health, "_resumed", lambda check, _, now: CheckState(check, since=now))


def a_new_observer_says_only_what_is_news_to_itself(patch: Patch) -> None:
    """What grew stale after it was handed over and before the new one was ready."""
    whole = Health.__init__

    def init(self: Health, *args: Any, **named: Any) -> None:
        whole(self, *args, **named)
        self._unsaid = set()

    patch.setattr(Health, "__init__", init)


def a_stall_of_the_router_ages_the_results(patch: Patch) -> None:
    patch.setattr(CheckBelief, "excused", lambda self, *_: self)


def a_stall_of_the_observer_ages_the_results(patch: Patch) -> None:
    patch.setattr(CheckState, "excused", lambda self, _: self)


MUTANTS_OF_THE_OBSERVER: tuple[Callable[[Patch], None], ...] = (
    no_verdict_grows_stale,
    nobody_wakes_for_a_verdict_that_grows_stale,
    a_silent_observer_is_believed,
    a_new_observer_is_believed_without_a_result,
    an_observer_that_is_back_is_not_believed,
    what_was_stale_stays_stale,
    no_confirmation_is_told,
    a_verdict_is_told_with_the_next_confirmation,
    a_new_observer_knows_nothing,
    a_new_observer_says_only_what_is_news_to_itself,
    a_stall_of_the_router_ages_the_results,
    a_stall_of_the_observer_ages_the_results,
)
