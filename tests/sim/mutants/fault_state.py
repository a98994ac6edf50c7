"""Planted bugs of FAULT: how it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.state import State

Patch = pytest.MonkeyPatch


def fault_for_ever(patch: Patch) -> None:
    patch.setattr(RouterStateMachine.fault, "__defaults__", (1e6,))


def fault_deadline_stays_in_the_past(patch: Patch) -> None:
    whole: Any = RouterStateMachine.deadline
    patch.setattr(
        RouterStateMachine,
        "deadline",
        property(lambda self: 0.0 if self.router.state is State.FAULT else whole.fget(self)),
    )


MUTANTS_OF_FAULT: tuple[Callable[[Patch], None], ...] = (
    fault_for_ever,
    fault_deadline_stays_in_the_past,
)
