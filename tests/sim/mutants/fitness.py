"""Planted bugs of what checks make of the priority."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sidecar.core.health.check_state import CheckState
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def unfit_master_stays(patch: Patch) -> None:
    def judge(self: RouterStateMachine, fitness: Any, _: float) -> None:
        self.router.fitness = replace(fitness, fit=True)

    patch.setattr(RouterStateMachine, "judge", judge)


def a_decisive_result_needs_a_series(patch: Patch) -> None:
    whole = CheckState.after
    patch.setattr(CheckState, "after", lambda self, r, now: whole(self, replace(r, decisive=False), now))


MUTANTS_OF_FITNESS: tuple[Callable[[Patch], None], ...] = (
    unfit_master_stays,
    a_decisive_result_needs_a_series,
)
