"""Planted bugs of the answers of the kernel: old ones, refusals, and answers that do not come."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sidecar.core.events import VipsDropped
from sidecar.core.router.kernel_refusal import KernelRefusal
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.lease import Lease
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def an_old_confirmation_counts(patch: Patch) -> None:
    def held(self: Lease, asked_at: float, error: str | None) -> bool:
        self._answered(newest=self.desired)
        if self.desired and error is None:
            self.until = asked_at + self.params.lease
            self.owned = frozenset(self.params.addresses)
        return self.desired

    patch.setattr(Lease, "held", held)


def a_kernel_is_waited_for_without_end(patch: Patch) -> None:
    patch.setattr(Lease, "give_up", lambda *_: False)


def a_removal_that_failed_is_not_repeated(patch: Patch) -> None:
    patch.setattr(Lease, "retry_due", lambda *_: False)


def a_removal_that_failed_is_taken_for_done(patch: Patch) -> None:
    whole = KernelReplies._dropped

    def dropped(self: KernelReplies, answer: VipsDropped, now: float) -> None:
        whole(self, replace(answer, error=None), now)

    patch.setattr(KernelReplies, "_dropped", dropped)


def a_refusal_is_forgotten_after_a_while(patch: Patch) -> None:
    def settle(self: RouterStateMachine, now: float) -> None:
        if now >= self.router.refusal.retry_at > 0:
            self.router.refusal.lift()
        whole(self, now)

    whole = RouterStateMachine.settle
    patch.setattr(RouterStateMachine, "settle", settle)


def a_kernel_that_refused_is_never_asked_again(patch: Patch) -> None:
    whole = KernelRefusal.note

    def note(self: KernelRefusal, why: str, now: float, retry: float, *, served: bool) -> None:
        whole(self, why, now, retry, served=served)
        self.retry_at = now + 1e6

    patch.setattr(KernelRefusal, "note", note)


MUTANTS_OF_KERNEL_REPLIES: tuple[Callable[[Patch], None], ...] = (
    an_old_confirmation_counts,
    a_kernel_is_waited_for_without_end,
    a_removal_that_failed_is_not_repeated,
    a_removal_that_failed_is_taken_for_done,
    a_refusal_is_forgotten_after_a_while,
    a_kernel_that_refused_is_never_asked_again,
)
