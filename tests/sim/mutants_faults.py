"""Planted bugs about hosts that cannot send, faults that come and go, and who has let go."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.actions import Resigned
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.election import Election
from sidecar.core.router.kernel_refusal import KernelRefusal
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.resignation import Resignation
from sidecar.core.router.send_health import SendHealth
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.state import Reason

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


def a_refusal_is_forgotten_after_a_while(patch: Patch) -> None:
    def settle(self: RouterStateMachine, now: float) -> None:
        if now >= self.router.refusal.retry_at > 0:
            self.router.refusal.lift()
        whole(self, now)

    whole = RouterStateMachine.settle
    patch.setattr(RouterStateMachine, "settle", settle)


def faults_are_not_damped(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "take_strike", lambda _: False)


def who_let_go_late_says_nothing(patch: Patch) -> None:
    whole = ActiveRole.resign

    def resign(self: ActiveRole, now: float) -> None:
        before = len(self._out)
        whole(self, now)
        if any(isinstance(action, Resigned) for action in self._out[before:]):
            del self._out[before:]

    patch.setattr(ActiveRole, "resign", resign)


def who_let_go_late_says_it_while_it_still_has_the_vips(patch: Patch) -> None:
    def resign(self: ActiveRole, now: float) -> None:
        if self.router.source is not None and self.router.resignation.due(now):
            self._out.append(
                self._transmitter.advertise(self.router.source, 0, now, self.router.resignation.until)
            )
            self.router.resignation.cancel()

    def owe(self: Resignation, until: float, detail: str = "") -> None:
        self.until, self.detail = until, detail

    patch.setattr(ActiveRole, "resign", resign)
    patch.setattr(Resignation, "owe", owe)
    whole = RouterStateMachine._leave

    def leave(self: RouterStateMachine, reason: Reason, now: float) -> None:
        whole(self, reason, now)
        self._active.resign(now)

    patch.setattr(RouterStateMachine, "_leave", leave)


def a_kernel_that_refused_is_never_asked_again(patch: Patch) -> None:
    whole = KernelRefusal.note

    def note(self: KernelRefusal, why: str, now: float, retry: float, *, served: bool) -> None:
        whole(self, why, now, retry, served=served)
        self.retry_at = now + 1e6

    patch.setattr(KernelRefusal, "note", note)


MUTANTS_OF_FAULTS: tuple[Callable[[Patch], None], ...] = (
    muteness_goes_unnoticed,
    muteness_ends_by_time,
    nothing_is_tried_before_a_takeover,
    a_mute_master_yields_only_to_a_better_one,
    some_peers_are_all_peers,
    a_refusal_is_forgotten_after_a_while,
    faults_are_not_damped,
    who_let_go_late_says_nothing,
    who_let_go_late_says_it_while_it_still_has_the_vips,
    a_kernel_that_refused_is_never_asked_again,
)
