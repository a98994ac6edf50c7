"""Planted bugs in the way from results to verdicts: rise and fall, age, and an observer that is new."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.health import health, verdicts
from sidecar.core.health.check_state import CheckState
from sidecar.core.health.drain import Drain
from sidecar.core.health.health import Health
from sidecar.core.health.observer_events import ObserverBack, ObserverStarted
from sidecar.core.health.params import CheckParams
from sidecar.core.health.verdicts import CheckBelief, Verdicts

Patch = pytest.MonkeyPatch


def a_stall_of_ours_ages_the_results(patch: Patch) -> None:
    patch.setattr(CheckState, "excused", lambda self, _: self)


def the_first_result_needs_a_series(patch: Patch) -> None:
    whole = CheckState.after

    def after(self: CheckState, result: Any, now: float) -> CheckState:
        state = whole(self, result, now)
        needed = self.params.rise if state.up else self.params.fall
        first = self.up is None and state.up is not None and self.streak + 1 < needed
        return replace(state, up=None, streak=self.streak + 1) if first else state

    patch.setattr(CheckState, "after", after)


def a_stall_of_the_router_ages_the_verdicts(patch: Patch) -> None:
    patch.setattr(CheckBelief, "excused", lambda self, *_: self)


def a_stall_makes_what_was_stale_well(patch: Patch) -> None:
    whole = CheckBelief.excused

    def excused(self: CheckBelief, seconds: float, now: float) -> CheckBelief:
        return whole(replace(self, stale=""), seconds, now)

    patch.setattr(CheckBelief, "excused", excused)


def a_result_from_before_a_stall_ends_its_excuse(patch: Patch) -> None:
    whole = CheckBelief.confirmed
    patch.setattr(
        CheckBelief,
        "confirmed",
        lambda self, at, now: whole(replace(self, stalled_at=-inf), at, now),
    )


def a_result_to_come_never_grows_old(patch: Patch) -> None:
    patch.setattr(verdicts, "_not_after", lambda _, at: at)


def an_older_result_counts_as_the_last(patch: Patch) -> None:
    whole = CheckBelief.confirmed

    def confirmed(self: CheckBelief, at: float, now: float) -> CheckBelief:
        return whole(replace(self, told=replace(self.told, reported_at=None)), at, now)

    patch.setattr(CheckBelief, "confirmed", confirmed)


def the_age_of_a_verdict_is_not_waited_for(patch: Patch) -> None:
    patch.setattr(Verdicts, "deadline", inf)


def a_new_observer_needs_no_confirmation(patch: Patch) -> None:
    whole = Verdicts.hear

    def hear(self: Verdicts, event: Any, now: float) -> list[CheckBelief]:
        return whole(self, ObserverBack() if isinstance(event, ObserverStarted) else event, now)

    patch.setattr(Verdicts, "hear", hear)


def what_was_stale_is_up_for_a_new_observer(patch: Patch) -> None:
    patch.setattr(CheckBelief, "handed_over", lambda self, *_: self)


def a_new_observer_begins_from_nothing(patch: Patch) -> None:
    patch.setattr(health, "_resumed", lambda check, _, now: CheckState(check, since=now))


def a_confirmation_waits_until_what_was_told_is_stale(patch: Patch) -> None:
    patch.setattr(CheckParams, "told_within", property(lambda self: self.max_age or 10.0))


def each_result_is_told(patch: Patch) -> None:
    patch.setattr(CheckParams, "told_within", 0.0)


def the_first_confirmation_of_a_new_observer_waits(patch: Patch) -> None:
    whole = Health._wait

    def wait(self: Health, check: CheckParams, now: float) -> None:
        self._unconfirmed.clear()
        whole(self, check, now)

    patch.setattr(Health, "_wait", wait)


def a_new_observer_is_given_times_without_their_excuse(patch: Patch) -> None:
    whole = CheckBelief.handed_over

    def handed_over(self: CheckBelief, *args: float) -> CheckBelief:
        return whole(replace(self, stalled=0.0), *args)

    patch.setattr(CheckBelief, "handed_over", handed_over)


def a_verdict_ends_before_what_was_found_can_be_told(patch: Patch) -> None:
    whole = CheckBelief.stale_at

    def stale_at(self: CheckBelief, *args: float) -> float:
        return whole(self, *args) - (self.params.told_within if self.params.max_age else 0.0)

    patch.setattr(CheckBelief, "stale_at", stale_at)


def a_batch_leaves_out_what_could_wait(patch: Patch) -> None:
    whole = Health._batch

    def batch(self: Health, now: float) -> Iterable[Any]:
        later = {name for name in self._untold if self._checks[name].params.max_age is None}
        self._untold -= later
        reports = whole(self, now)
        self._untold |= later
        return reports

    patch.setattr(Health, "_batch", batch)


def a_drain_is_told_as_a_failure(patch: Patch) -> None:
    whole = Drain.judge

    def judge(self: Drain, fitness: Any, now: float) -> Any:
        return replace(whole(self, fitness, now), drained=False)

    patch.setattr(Drain, "judge", judge)


MUTANTS_OF_CHECKS: tuple[Callable[[Patch], None], ...] = (
    a_stall_of_ours_ages_the_results,
    the_first_result_needs_a_series,
    a_stall_of_the_router_ages_the_verdicts,
    a_stall_makes_what_was_stale_well,
    a_result_from_before_a_stall_ends_its_excuse,
    a_result_to_come_never_grows_old,
    an_older_result_counts_as_the_last,
    the_age_of_a_verdict_is_not_waited_for,
    a_new_observer_needs_no_confirmation,
    what_was_stale_is_up_for_a_new_observer,
    a_new_observer_begins_from_nothing,
    a_confirmation_waits_until_what_was_told_is_stale,
    each_result_is_told,
    the_first_confirmation_of_a_new_observer_waits,
    a_new_observer_is_given_times_without_their_excuse,
    a_verdict_ends_before_what_was_found_can_be_told,
    a_batch_leaves_out_what_could_wait,
    a_drain_is_told_as_a_failure,
)
