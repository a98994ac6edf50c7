"""Routers that are made anew before each step, from what they remember: nothing else may count."""

import pickle
from collections.abc import Iterable
from typing import Any

import pytest

from sidecar.core.actions import Action
from sidecar.core.node import Node


def rebuild_before_each_step(patch: pytest.MonkeyPatch) -> None:
    """Dump and load the state of all routers again and again, and go on with new objects."""
    whole = Node.step

    def step(self: Node, events: Iterable[Any], now: float) -> list[Action]:
        states = {name: election.router for name, election in self._elections.items()}
        self._build(pickle.loads(pickle.dumps(states)))  # noqa: S301  # our own bytes
        return whole(self, events, now)

    patch.setattr(Node, "step", step)
