"""Planted bugs of drains."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from sidecar.core.health.drain import Drain
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.router import resignation, state_machine
from sidecar.core.state import Reason

Patch = pytest.MonkeyPatch


def a_drain_is_not_heard(patch: Patch) -> None:
    patch.setattr(Drain, "hear", lambda *_: None)


def a_drain_has_no_end(patch: Patch) -> None:
    patch.setattr(Drain, "under_way", lambda self, _: self.until > -inf)


def nobody_wakes_for_the_end_of_a_drain(patch: Patch) -> None:
    patch.setattr(Drain, "deadline", lambda *_: inf)


def a_drain_cannot_be_taken_back(patch: Patch) -> None:
    whole = Drain.hear

    def hear(self: Drain, event: Any) -> None:
        if hasattr(event, "until"):
            whole(self, event)

    patch.setattr(Drain, "hear", hear)


def a_drained_host_keeps_its_priority(patch: Patch) -> None:
    def judge(self: Drain, fitness: EffectivePriority, now: float) -> EffectivePriority:
        if not self.under_way(now):
            return fitness
        return EffectivePriority(fitness.priority, fit=False, reasons=(self.why,), drained=True)

    patch.setattr(Drain, "judge", judge)


def a_drained_master_stays(patch: Patch) -> None:
    def judge(self: Drain, fitness: EffectivePriority, now: float) -> EffectivePriority:
        return EffectivePriority(1, fit=True) if self.under_way(now) else fitness

    patch.setattr(Drain, "judge", judge)


def nobody_is_told_of_a_drain(patch: Patch) -> None:
    fewer = resignation.RESIGNS - {Reason.DRAIN}
    patch.setattr(resignation, "RESIGNS", fewer)
    patch.setattr(state_machine, "RESIGNS", fewer)


MUTANTS_OF_DRAINS: tuple[Callable[[Patch], None], ...] = (
    a_drain_is_not_heard,
    a_drain_has_no_end,
    nobody_wakes_for_the_end_of_a_drain,
    a_drain_cannot_be_taken_back,
    a_drained_host_keeps_its_priority,
    a_drained_master_stays,
    nobody_is_told_of_a_drain,
)
