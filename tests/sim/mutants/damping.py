"""Planted bugs of flap damping."""

from collections.abc import Callable
from math import inf

import pytest

from sidecar.core.actions import Action
from sidecar.core.health.damping import Damping
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> list[Action]:
    return []


def a_hold_down_bans_nothing(patch: Patch) -> None:
    patch.setattr(EffectivePriority, "held", False)


def the_end_of_a_hold_down_wakes_nobody(patch: Patch) -> None:
    patch.setattr(Damping, "deadline", inf)


def faults_are_not_damped(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "take_strike", lambda _: False)


MUTANTS_OF_DAMPING: tuple[Callable[[Patch], None], ...] = (
    a_hold_down_bans_nothing,
    the_end_of_a_hold_down_wakes_nobody,
    faults_are_not_damped,
)
