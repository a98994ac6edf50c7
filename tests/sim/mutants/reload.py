"""Planted bugs of an exchange of parameters."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sidecar.core.actions import Action
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.router.router_state import RouterState

Patch = pytest.MonkeyPatch


def what_a_router_remembers_is_lost(patch: Patch) -> None:
    whole = Node.exchange

    def exchange(self: Node, params: NodeParams, now: float) -> list[Action]:
        for election in self._elections.values():
            election.router = RouterState.begin(election.params, now)
        return whole(self, params, now)

    patch.setattr(Node, "exchange", exchange)


def the_priority_stays_the_old_one(patch: Patch) -> None:
    whole = Node.exchange

    def exchange(self: Node, params: NodeParams, now: float) -> list[Action]:
        old = {router.vrid: router.priority for router in self.params.routers}
        kept = (replace(each, priority=old.get(each.vrid, each.priority)) for each in params.routers)
        return whole(self, replace(params, routers=tuple(kept)), now)

    patch.setattr(Node, "exchange", exchange)


def what_is_to_be_done_at_once_is_not_done(patch: Patch) -> None:
    whole = Node.exchange

    def exchange(self: Node, params: NodeParams, now: float) -> list[Action]:
        whole(self, params, now)
        return []

    patch.setattr(Node, "exchange", exchange)


MUTANTS_OF_A_RELOAD: tuple[Callable[[Patch], None], ...] = (
    what_a_router_remembers_is_lost,
    the_priority_stays_the_old_one,
    what_is_to_be_done_at_once_is_not_done,
)
