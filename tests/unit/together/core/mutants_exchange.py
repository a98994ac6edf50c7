"""Planted bugs of an exchange of parameters: the transcripts must notice each."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.awaited import Awaited
from sidecar.core.health.damping import Damping
from sidecar.core.health.verdicts import Verdicts
from sidecar.core.node import Node
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.election import Election
from tests.sim.mutants.reload import MUTANTS_OF_A_RELOAD

Patch = pytest.MonkeyPatch


def an_ended_router_keeps_its_vip(patch: Patch) -> None:
    patch.setattr(Node, "leave", lambda *_: None)
    patch.setattr(Node, "ready_for", lambda *_: True)


def a_router_begins_before_the_one_of_its_name_has_ended(patch: Patch) -> None:
    patch.setattr(Node, "ready_for", lambda *_: True)


def a_new_router_is_not_started(patch: Patch) -> None:
    patch.setattr(Node, "_begin", lambda *_: None)


def neither_kernel_nor_peers_are_told(patch: Patch) -> None:
    patch.setattr(Election, "exchanged", lambda *_: None)


def a_vip_that_goes_was_stolen(patch: Patch) -> None:
    whole = ActiveRole.exchanged

    def exchanged(self: ActiveRole, *args: Any) -> None:
        owned = self.router.lease.owned
        whole(self, *args)
        self.router.lease.owned = owned

    patch.setattr(ActiveRole, "exchanged", exchanged)


def a_new_vip_is_not_announced(patch: Patch) -> None:
    whole = ActiveRole.exchanged

    def exchanged(self: ActiveRole, *args: Any) -> None:
        whole(self, *args)
        self.router.announce_when_held = False

    patch.setattr(ActiveRole, "exchanged", exchanged)


def a_new_check_makes_a_host_unfit_at_once(patch: Patch) -> None:
    patch.setattr(Awaited, "exchange", lambda *_: None)


def a_new_router_does_not_wait_for_its_checks(patch: Patch) -> None:
    patch.setattr(
        Awaited, "counting", lambda _, __, beliefs: [each for each in beliefs if each.up is not None]
    )


def all_verdicts_are_lost(patch: Patch) -> None:
    whole = Verdicts.exchange

    def exchange(self: Verdicts, *args: Any) -> frozenset[str]:
        self._beliefs.clear()
        return whole(self, *args)

    patch.setattr(Verdicts, "exchange", exchange)


def results_are_counted_as_before(patch: Patch) -> None:
    whole = Verdicts.exchange

    def exchange(self: Verdicts, *args: Any) -> frozenset[str]:
        names = self._names
        fresh = whole(self, *args)
        self._names = names
        return fresh

    patch.setattr(Verdicts, "exchange", exchange)


def a_hold_down_is_forgotten(patch: Patch) -> None:
    patch.setattr(Damping, "under", lambda _, params: Damping(params))


def a_new_group_is_no_group(patch: Patch) -> None:
    patch.setattr(Node, "_join", lambda *_: None)


MUTANTS_OF_AN_EXCHANGE: tuple[Callable[[Patch], None], ...] = (
    *MUTANTS_OF_A_RELOAD,
    an_ended_router_keeps_its_vip,
    a_router_begins_before_the_one_of_its_name_has_ended,
    a_new_router_is_not_started,
    neither_kernel_nor_peers_are_told,
    a_vip_that_goes_was_stolen,
    a_new_vip_is_not_announced,
    a_new_check_makes_a_host_unfit_at_once,
    a_new_router_does_not_wait_for_its_checks,
    all_verdicts_are_lost,
    results_are_counted_as_before,
    a_hold_down_is_forgotten,
    a_new_group_is_no_group,
)
