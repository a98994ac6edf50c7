"""Planted bugs of hosts that cannot send."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.router.election import Election
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.send_health import SendHealth
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def muteness_goes_unnoticed(patch: Patch) -> None:
    patch.setattr(SendHealth, "refused", lambda *_, **__: False)


def muteness_ends_by_time(patch: Patch) -> None:
    def try_sending(self: RouterStateMachine, now: float) -> None:
        self.router.sending.succeeded(now)
        self.router.sending.rest(now)

    patch.setattr(RouterStateMachine, "_try_sending", try_sending)


def nothing_is_tried_before_a_takeover(patch: Patch) -> None:
    patch.setattr(SendHealth, "proven", lambda *_: True)
    patch.setattr(RouterStateMachine, "priority", property(lambda self: self.router.fitness.priority))


def a_mute_master_yields_only_to_a_better_one(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        error, self.router.sending.error = self.router.sending.error, ""
        whole(self, advert, source, now)
        self.router.sending.error = self.router.sending.error or error

    patch.setattr(Election, "_hear_as_master", hear)


def some_peers_are_all_peers(patch: Patch) -> None:
    def failed(self: KernelReplies, failure: Any, now: float) -> None:
        self._refused(failure.error, now, at_once=self._machine.contested)

    patch.setattr(KernelReplies, "_send_failed", failed)


MUTANTS_OF_MUTENESS: tuple[Callable[[Patch], None], ...] = (
    muteness_goes_unnoticed,
    muteness_ends_by_time,
    nothing_is_tried_before_a_takeover,
    a_mute_master_yields_only_to_a_better_one,
    some_peers_are_all_peers,
)
