"""Planted bugs in what the kernel's answers and refusals mean."""

from math import inf

import pytest

from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.lease import Lease
from sidecar.core.router.send_health import SendHealth
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def an_old_refusal_counts(patch: Patch) -> None:
    whole = Lease.held

    def held(self: Lease, asked_at: float, error: str | None) -> bool:
        return whole(self, asked_at, error) or (self.desired and error is not None)

    patch.setattr(Lease, "held", held)


def an_old_removal_counts(patch: Patch) -> None:
    whole = Lease.dropped

    def dropped(self: Lease, now: float, error: str | None) -> bool:
        waits, self._under_way = max(0, self._under_way - 1), 1
        counts = whole(self, now, error)
        self._under_way = waits
        return counts

    patch.setattr(Lease, "dropped", dropped)


def an_answer_that_was_given_up_counts_for_the_next(patch: Patch) -> None:
    def answered(self: Lease, *, newest: bool) -> None:
        self._under_way = max(0, self._under_way - len((newest,)))

    patch.setattr(Lease, "_answered", answered)


def the_lease_counts_from_the_answer(patch: Patch) -> None:
    whole = KernelReplies._held
    patch.setattr(KernelReplies, "_held", lambda self, _, error, now: whole(self, now, error, now))


def a_removal_that_was_given_up_is_not_repeated(patch: Patch) -> None:
    whole = Lease.give_up

    def give_up(self: Lease, now: float) -> bool:
        given_up = whole(self, now)
        if given_up:
            self._retry_at = inf
        return given_up

    patch.setattr(Lease, "give_up", give_up)


def a_stop_forgets_the_takeover_under_way(patch: Patch) -> None:
    whole = RouterStateMachine.stop

    def stop(self: RouterStateMachine, detail: str, now: float) -> None:
        self.router.takeover = None
        whole(self, detail, now)

    patch.setattr(RouterStateMachine, "stop", stop)


def one_refused_advert_is_muteness(patch: Patch) -> None:
    whole = SendHealth.refused
    patch.setattr(SendHealth, "refused", lambda self, error, now, **_: whole(self, error, now, at_once=True))


def refusals_far_apart_are_added_up(patch: Patch) -> None:
    whole = SendHealth.refused

    def refused(self: SendHealth, error: str, now: float, *, at_once: bool) -> bool:
        return whole(self, error, now, at_once=at_once or self._refused_at > 0)

    patch.setattr(SendHealth, "refused", refused)


def an_advert_that_was_sent_forgives_nothing(patch: Patch) -> None:
    whole = SendHealth.succeeded

    def succeeded(self: SendHealth, now: float) -> bool:
        before = self._refused_at
        ended = whole(self, now)
        self._refused_at = before
        return ended

    patch.setattr(SendHealth, "succeeded", succeeded)
