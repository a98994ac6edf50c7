"""Planted bugs in single rules: a comparison, an order, a condition that looks as if it could go."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.events import VipsDropped
from sidecar.core.health.check_state import CheckState
from sidecar.core.health.damping import Damping
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.election import Election
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.lease import Lease
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.router.transmit import Transmitter
from sidecar.core.snapshot import Wait
from sidecar.core.wire.advert import Drop

Patch = pytest.MonkeyPatch


def a_tie_is_decided_by_the_text_of_the_addresses(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        if advert.priority == self._machine.priority:
            greater = str(source) > str(self.router.source)
            advert = replace(advert, priority=advert.priority + (1 if greater else -1))
        whole(self, advert, source, now)

    patch.setattr(Election, "_hear_as_master", hear)


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


def a_takeover_goes_on_beside_a_master(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "abandon", lambda *_: None)


def an_unfit_master_says_its_full_priority(patch: Patch) -> None:
    whole = Transmitter.advertise

    def advertise(self: Transmitter, source: Any, priority: int, *rest: Any) -> SendAdvert:
        return whole(self, source, priority and self.params.priority, *rest)

    patch.setattr(Transmitter, "advertise", advertise)


def only_the_first_peer_is_told(patch: Patch) -> None:
    whole = Transmitter.advertise

    def advertise(*args: Any) -> SendAdvert:
        advert = whole(*args)
        return replace(advert, packets=advert.packets[:1])

    patch.setattr(Transmitter, "advertise", advertise)


def only_the_first_vip_is_announced(patch: Patch) -> None:
    whole = Transmitter.announce

    def announce(*args: Any) -> Announce:
        announcement = whole(*args)
        return replace(announcement, frames=announcement.frames[:1])

    patch.setattr(Transmitter, "announce", announce)


def two_silent_intervals_are_enough(patch: Patch) -> None:
    whole = DownTimer._seconds

    def seconds(self: DownTimer, wait: Wait, priority: int) -> float:
        return whole(self, wait, priority) - self.interval * (wait is Wait.SILENCE)

    patch.setattr(DownTimer, "_seconds", seconds)


def a_fit_backup_waits_as_long_as_an_unfit_one(patch: Patch) -> None:
    whole = DownTimer._seconds
    patch.setattr(DownTimer, "_seconds", lambda self, wait, _: whole(self, wait, 1))


def the_end_of_a_hold_down_wakes_nobody(patch: Patch) -> None:
    patch.setattr(Damping, "deadline", inf)


def a_decisive_result_needs_a_series(patch: Patch) -> None:
    whole = CheckState.after
    patch.setattr(CheckState, "after", lambda self, r, now: whole(self, replace(r, decisive=False), now))


def whoever_is_no_peer_is_heard_too(patch: Patch) -> None:
    patch.setattr(Admission, "_wrong_sender", lambda *_: None)


def an_advert_without_signature_is_accepted(patch: Patch) -> None:
    whole = Authenticator.verify

    def verify(self: Authenticator, body: bytes, trailer: bytes, source: Any, now: float) -> Drop | None:
        return whole(self, body, trailer, source, now) if trailer else None

    patch.setattr(Authenticator, "verify", verify)


def a_stranger_resigns_for_the_master(patch: Patch) -> None:
    def resigned(self: BackupRole, source: Any, _: Any, mine: int, now: float) -> None:
        self._hasten(source, mine, now)

    patch.setattr(BackupRole, "_resigned", resigned)


MUTANTS_OF_RULES: tuple[Callable[[Patch], None], ...] = (
    a_tie_is_decided_by_the_text_of_the_addresses,
    an_old_confirmation_counts,
    a_kernel_is_waited_for_without_end,
    a_removal_that_failed_is_not_repeated,
    a_removal_that_failed_is_taken_for_done,
    a_takeover_goes_on_beside_a_master,
    an_unfit_master_says_its_full_priority,
    only_the_first_peer_is_told,
    only_the_first_vip_is_announced,
    two_silent_intervals_are_enough,
    a_fit_backup_waits_as_long_as_an_unfit_one,
    the_end_of_a_hold_down_wakes_nobody,
    a_decisive_result_needs_a_series,
    whoever_is_no_peer_is_heard_too,
    an_advert_without_signature_is_accepted,
    a_stranger_resigns_for_the_master,
)
