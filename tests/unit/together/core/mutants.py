"""Planted bugs that the simulation cannot or can hardly see: the transcripts must notice each."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.health import effective_priority
from sidecar.core.node import Node
from sidecar.core.params import RouterParams
from sidecar.core.router import active, fault_conditions, peers, state_machine
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.address_conflict import AddressConflict
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.kernel_replies import KernelReplies
from sidecar.core.router.lease import Lease
from sidecar.core.router.mismatches import Mismatches
from sidecar.core.router.peers import Peers
from sidecar.core.router.preemption import Preemption, Verdict
from sidecar.core.router.resignation import Resignation
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.send_health import SendHealth
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.state import Reason
from tests.sim.mutants.election import a_tie_is_decided_by_the_text_of_the_addresses
from tests.sim.mutants.kernel_replies import an_old_confirmation_counts
from tests.unit.together.core.mutants_answers import (
    Patch,
    a_removal_that_was_given_up_is_not_repeated,
    a_stop_forgets_the_takeover_under_way,
    an_advert_that_was_sent_forgives_nothing,
    an_answer_that_was_given_up_counts_for_the_next,
    an_old_refusal_counts,
    an_old_removal_counts,
    one_refused_advert_is_muteness,
    refusals_far_apart_are_added_up,
    the_lease_counts_from_the_answer,
)


def a_host_that_does_not_accept_takes_packets_to_the_vips(patch: Patch) -> None:
    whole = Lease.hold
    patch.setattr(Lease, "hold", lambda *args: replace(whole(*args), accept=True))


def a_master_that_fell_into_fault_does_not_let_others_go_first(patch: Patch) -> None:
    whole = RouterStateMachine.fault

    def fault(self: RouterStateMachine, *args: Any, **more: Any) -> None:
        timer = self.router.timer
        since, wait = timer.since, timer.wait
        whole(self, *args, **more)
        timer.since, timer.wait = since, wait

    patch.setattr(RouterStateMachine, "fault", fault)


def a_proof_of_being_able_to_send_never_expires(patch: Patch) -> None:
    patch.setattr(SendHealth, "proven", lambda self, _: not self.mute and self._proven_at > 0)


def what_a_backup_could_not_send_makes_it_mute(patch: Patch) -> None:
    def failed(self: KernelReplies, failure: Any, now: float) -> None:
        self._warn("vrrp", "send_failed", failure.error)
        if failure.unheard:
            self._refused(failure.error, now, at_once=self._machine.contested)

    patch.setattr(KernelReplies, "_send_failed", failed)


def a_contested_takeover_forgives_the_first_refusal(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "contested", False)


def a_takeover_that_was_heard_stays_contested(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "heard", lambda _: None)


def the_outcome_of_a_trial_is_not_waited_for(patch: Patch) -> None:
    whole = SendHealth.try_now

    def try_now(self: SendHealth, now: float) -> None:
        whole(self, now)
        self.waits_until = -inf

    patch.setattr(SendHealth, "try_now", try_now)


def who_was_replaced_says_priority_zero_all_the_same(patch: Patch) -> None:
    patch.setattr(Resignation, "replaced", lambda _: None)


def a_reply_that_comes_too_soon_is_lost(patch: Patch) -> None:
    whole = ActiveRole.reply

    def reply(self: ActiveRole, priority: int, now: float) -> None:
        due, before = self.router.advert_at, len(self._out)
        whole(self, priority, now)
        if len(self._out) == before:
            self.router.advert_at = due

    patch.setattr(ActiveRole, "reply", reply)


def a_forged_resignation_is_believed_again_and_again(patch: Patch) -> None:
    patch.setattr(BackupRole, "_suspect", lambda *_: None)


def the_last_word_of_who_yields_hides_the_winner(patch: Patch) -> None:
    patch.setattr(Peers, "_outranked", lambda *_: False)


def the_interval_of_the_master_is_not_learnt(patch: Patch) -> None:
    whole = DownTimer.restart
    patch.setattr(DownTimer, "restart", lambda self, now, _, *wait: whole(self, now, self.interval, *wait))


def a_late_beat_moves_all_that_follow(patch: Patch) -> None:
    whole = ActiveRole.due

    def due(self: ActiveRole, priority: int, now: float) -> None:
        was = self.router.advert_at
        whole(self, priority, now)
        if now >= was:
            self.router.advert_at = now + self.params.interval

    patch.setattr(ActiveRole, "due", due)


def a_restored_vip_is_not_announced(patch: Patch) -> None:
    patch.setattr(ActiveRole, "held", lambda *_: None)


def the_kernel_fights_for_ever(patch: Patch) -> None:
    patch.setattr(AddressConflict, "note", lambda *_: False)


def an_interface_that_cannot_listen_is_no_fault(patch: Patch) -> None:
    whole = fault_conditions.seen

    def seen(params: RouterParams, router: RouterState) -> Any:
        link = router.link
        router.link = None if link is None else replace(link, listen_error="")
        found = whole(params, router)
        router.link = link
        return found

    patch.setattr(fault_conditions, "seen", seen)


def one_member_of_a_sync_group_takes_over_alone(patch: Patch) -> None:
    patch.setattr(SyncGroup, "takeover_at", lambda self, _: min(m.claim_at for m in self.members))


def a_sync_group_does_not_wait_for_whom_the_kernel_has_refused(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "asks_first", False)


def a_changed_address_list_is_shown_as_the_first(patch: Patch) -> None:
    whole = Mismatches.note

    def note(self: Mismatches, *args: Any, refused: bool, ours: bool) -> Any:
        before = self._entries.get(args[:2])
        return whole(self, *args, refused=refused if before is None else before.refused, ours=ours)

    patch.setattr(Mismatches, "note", note)


def the_others_of_a_sync_group_stay(patch: Patch) -> None:
    patch.setattr(SyncGroup, "left", lambda *_: None)


def preempt_delay_is_not_waited_for(patch: Patch) -> None:
    patch.setattr(RouterParams, "preempt_delay", property(lambda _: 0.0, lambda *_: None))


def a_sick_master_is_protected_by_preempt_false(patch: Patch) -> None:
    whole = Preemption.judge

    def judge(self: Preemption, *args: Any, **more: Any) -> Verdict:
        return whole(self, *args, **more) if self.params.preempt else Verdict.FOLLOW

    patch.setattr(Preemption, "judge", judge)


def weights_lift_above_the_highest_priority(patch: Patch) -> None:
    patch.setattr(effective_priority, "HIGHEST_FIT", 255)


def weights_sink_to_the_priority_of_the_unfit(patch: Patch) -> None:
    patch.setattr(effective_priority, "LOWEST_FIT", 1)


def what_was_said_twice_is_heard_twice(patch: Patch) -> None:
    whole = Authenticator.verify

    def verify(self: Authenticator, *args: Any) -> Any:
        self._state.marks.clear()
        return whole(self, *args)

    patch.setattr(Authenticator, "verify", verify)


def the_lease_outlives_the_patience_of_a_peer(patch: Patch) -> None:
    patch.setattr(RouterParams, "lease", property(lambda self: round(3 * self.interval)))


def a_kernel_that_refused_is_asked_again_after_five_seconds(patch: Patch) -> None:
    patch.setattr(state_machine, "FAULT_RETRY", 5.0)
    patch.setattr(RouterStateMachine.fault, "__defaults__", (5.0,))


def a_flood_is_answered_packet_by_packet(patch: Patch) -> None:
    patch.setattr(active, "REPLY_SPACING", 0.0)


def strikes_are_counted_and_not_judged(patch: Patch) -> None:
    patch.setattr(Node, "_count_strikes", lambda *_: None)


def a_lesser_master_is_silent_after_two_of_our_intervals(patch: Patch) -> None:
    patch.setattr(peers, "patience", lambda ours, _theirs: ours)


def what_a_master_says_of_its_interval_is_believed_without_a_bound(patch: Patch) -> None:
    patch.setattr(peers, "patience", max)


def a_late_resignation_hands_nothing_back(patch: Patch) -> None:
    whole = RouterStateMachine._leave

    def leave(self: RouterStateMachine, reason: Reason, now: float) -> None:
        with pytest.MonkeyPatch.context() as late:
            if reason in (Reason.LINK, Reason.STALL):
                late.setattr(BackupRole, "hand_back", lambda self: self.params)
            whole(self, reason, now)

    patch.setattr(RouterStateMachine, "_leave", leave)


MUTANTS: tuple[Callable[[Patch], None], ...] = (
    a_tie_is_decided_by_the_text_of_the_addresses,
    an_old_confirmation_counts,
    a_lesser_master_is_silent_after_two_of_our_intervals,
    what_a_master_says_of_its_interval_is_believed_without_a_bound,
    a_late_resignation_hands_nothing_back,
    an_old_refusal_counts,
    an_old_removal_counts,
    an_answer_that_was_given_up_counts_for_the_next,
    the_lease_counts_from_the_answer,
    a_removal_that_was_given_up_is_not_repeated,
    a_stop_forgets_the_takeover_under_way,
    a_host_that_does_not_accept_takes_packets_to_the_vips,
    a_master_that_fell_into_fault_does_not_let_others_go_first,
    one_refused_advert_is_muteness,
    refusals_far_apart_are_added_up,
    an_advert_that_was_sent_forgives_nothing,
    a_proof_of_being_able_to_send_never_expires,
    what_a_backup_could_not_send_makes_it_mute,
    a_contested_takeover_forgives_the_first_refusal,
    a_takeover_that_was_heard_stays_contested,
    the_outcome_of_a_trial_is_not_waited_for,
    who_was_replaced_says_priority_zero_all_the_same,
    a_reply_that_comes_too_soon_is_lost,
    a_forged_resignation_is_believed_again_and_again,
    the_last_word_of_who_yields_hides_the_winner,
    the_interval_of_the_master_is_not_learnt,
    a_late_beat_moves_all_that_follow,
    a_restored_vip_is_not_announced,
    the_kernel_fights_for_ever,
    an_interface_that_cannot_listen_is_no_fault,
    one_member_of_a_sync_group_takes_over_alone,
    a_sync_group_does_not_wait_for_whom_the_kernel_has_refused,
    a_changed_address_list_is_shown_as_the_first,
    the_others_of_a_sync_group_stay,
    preempt_delay_is_not_waited_for,
    a_sick_master_is_protected_by_preempt_false,
    weights_lift_above_the_highest_priority,
    weights_sink_to_the_priority_of_the_unfit,
    what_was_said_twice_is_heard_twice,
    the_lease_outlives_the_patience_of_a_peer,
    a_kernel_that_refused_is_asked_again_after_five_seconds,
    a_flood_is_answered_packet_by_packet,
    strikes_are_counted_and_not_judged,
)
