"""Planted bugs: what a slip in the core would look like. Each must be caught by the monitors."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.actions import Action, Announce, HoldVips, SendAdvert
from sidecar.core.health.effective_priority import Fitness
from sidecar.core.node import Node
from sidecar.core.params import RouterParams
from sidecar.core.priorities import OWNER
from sidecar.core.router import active, admission, announce, backup
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.admission import Admission
from sidecar.core.router.announce import Announcer
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.election import Election
from sidecar.core.router.lease import Lease
from sidecar.core.router.preemption import Preemption, Verdict
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.router.transmit import Transmitter
from sidecar.core.snapshot import Wait
from sidecar.core.state import Reason, State
from sidecar.core.wire import advert
from sidecar.core.wire.advert import Drop

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> list[Action]:
    return []


def no_lease(patch: Patch) -> None:
    patch.setattr(RouterParams, "lease", 3600)


def no_renewal(patch: Patch) -> None:
    patch.setattr(Lease, "renewal_due", lambda *_: False)


def no_guard_on_waking(patch: Patch) -> None:
    patch.setattr(Election, "wake", lambda *_: None)


def no_limit_on_adverts(patch: Patch) -> None:
    whole = Transmitter.advertise
    patch.setattr(Transmitter, "advertise", lambda *args: replace(whole(*args), not_after=inf))


def no_limit_on_announcements(patch: Patch) -> None:
    whole = Transmitter.announce
    patch.setattr(Transmitter, "announce", lambda *args: replace(whole(*args), not_after=inf))


def first_advert_limited_by_the_lease_alone(patch: Patch) -> None:
    whole = ActiveRole.begin

    def begin(self: ActiveRole, priority: int, now: float, *, contested: bool) -> None:
        before, late = len(self._out), self.router.lease.until
        whole(self, priority, now, contested=contested)
        self._out[before:] = [
            replace(each, not_after=late) if isinstance(each, SendAdvert | Announce) else each
            for each in self._out[before:]
        ]

    patch.setattr(ActiveRole, "begin", begin)


def no_sweep_at_start(patch: Patch) -> None:
    patch.setattr(Election, "start", lambda self, _: setattr(self.router.lease, "swept", True))


def no_removal_on_leaving(patch: Patch) -> None:
    patch.setattr(ActiveRole, "end", _nothing)


def farewell_before_removal(patch: Patch) -> None:
    whole = ActiveRole.end

    def end(self: ActiveRole, now: float) -> None:
        if self.router.source is not None:
            self._out.append(self._transmitter.advertise(self.router.source, 0, now, inf))
        whole(self, now)

    patch.setattr(ActiveRole, "end", end)


def no_farewell(patch: Patch) -> None:
    patch.setattr(ActiveRole, "resign", _nothing)


def farewell_ignored(patch: Patch) -> None:
    patch.setattr(DownTimer, "hasten", lambda *_: None)


def a_backup_of_two_acts_on_the_resignation_of_anybody(patch: Patch) -> None:
    def resigned(self: BackupRole, source: Any, _: Any, mine: int, now: float) -> None:
        self._hasten(source, mine, now, Wait.ALONE)

    patch.setattr(BackupRole, "_resigned", resigned)


def a_backup_of_two_acts_at_silence_without_skew(patch: Patch) -> None:
    whole = DownTimer._seconds

    def seconds(self: DownTimer, wait: Wait, priority: int) -> float:
        return 3 * self.interval if wait is Wait.SILENCE else whole(self, wait, priority)

    patch.setattr(DownTimer, "_seconds", seconds)


def every_backup_acts_at_once(patch: Patch) -> None:
    patch.setattr(backup, "PAIR", None)


def the_backup_of_two_waits_its_skew(patch: Patch) -> None:
    patch.setattr(backup, "PAIR", 0)


def who_resigned_does_not_let_others_go_first(patch: Patch) -> None:
    whole = BackupRole.begin

    def begin(self: BackupRole, now: float, *, resigned: bool = False) -> None:
        whole(self, now, resigned=resigned)
        if resigned:
            self.router.timer.wait = Wait.ALONE

    patch.setattr(BackupRole, "begin", begin)


def a_hold_down_bans_nothing(patch: Patch) -> None:
    patch.setattr(Fitness, "held", False)


def a_true_resignation_after_ours_is_taken_for_forged(patch: Patch) -> None:
    patch.setattr(BackupRole, "hand_back", lambda self: self.params)


def claim_before_the_kernel_confirms(patch: Patch) -> None:
    def take_over(self: RouterStateMachine, now: float) -> None:
        self.router.lease.until = now + self._active.params.lease
        self._active.acquire(now)
        self._enter(State.MASTER, Reason.MASTER_DOWN, "without waiting for the kernel", now)

    patch.setattr(RouterStateMachine, "_take_over", take_over)


def neither_of_two_equals_yields(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        if advert.priority != self._machine.priority:
            whole(self, advert, source, now)

    patch.setattr(Election, "_hear_as_master", hear)


def master_yields_to_anybody(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        whole(self, replace(advert, priority=advert.priority and 255), source, now)

    patch.setattr(Election, "_hear_as_master", hear)


def never_preempts(patch: Patch) -> None:
    patch.setattr(Preemption, "judge", lambda *_, **__: Verdict.FOLLOW)


def always_preempts_at_once(patch: Patch) -> None:
    whole = Preemption.judge

    def judge(self: Preemption, *args: Any, **more: Any) -> Verdict:
        return Verdict.OUTWAIT if whole(self, *args, **more) is Verdict.FOLLOW else Verdict.REPLACE

    patch.setattr(Preemption, "judge", judge)


def no_refresh_of_announcements(patch: Patch) -> None:
    patch.setattr(announce, "REFRESH", inf)
    patch.setattr(ActiveRole, "reassert", lambda *_: None)


def announces_only_once(patch: Patch) -> None:
    patch.setattr(announce, "BURST", 1)
    patch.setattr(announce, "REFRESH", inf)


def no_announcement(patch: Patch) -> None:
    patch.setattr(Announcer, "start", lambda *_: None)


def a_bad_ttl_is_accepted(patch: Patch) -> None:
    whole = advert.decode
    patch.setattr(
        admission,
        "decode",
        lambda payload, source, to, ttl, least: whole(payload, source, to, ttl and 255, least),
    )
    patch.setattr("sidecar.core.wire.advert._checksum_holds", lambda *_: True)


def a_master_of_other_addresses_is_followed(patch: Patch) -> None:
    patch.setattr(Admission, "_wrong_addresses", lambda *_: None)


def a_refused_packet_restarts_the_timer(patch: Patch) -> None:
    whole = Election.receive

    def receive(self: Election, packet: Any, now: float) -> None:
        if isinstance(self._receiver._admission.admit(packet, self.router.source, now), Drop):
            self.router.timer.restart(now, self.params.interval)
        whole(self, packet, now)

    patch.setattr(Election, "receive", receive)


def timers_before_hearing(patch: Patch) -> None:
    whole = Node.step

    def step(self: Node, events: Any, now: float) -> list[Action]:
        for election in self._elections.values():
            election.tick(now)
        return whole(self, events, now)

    patch.setattr(Node, "step", step)


def fault_for_ever(patch: Patch) -> None:
    patch.setattr(RouterStateMachine.fault, "__defaults__", (1e6,))


def fault_deadline_stays_in_the_past(patch: Patch) -> None:
    whole: Any = vars(RouterStateMachine)["deadline"]
    patch.setattr(
        RouterStateMachine,
        "deadline",
        property(lambda self: 0.0 if self.router.state is State.FAULT else whole.fget(self)),
    )


def removal_by_hand_goes_unnoticed(patch: Patch) -> None:
    patch.setattr(ActiveRole, "restore", lambda *_: True)


def unfit_master_stays(patch: Patch) -> None:
    def judge(self: RouterStateMachine, fitness: Any, _: float) -> None:
        self.router.fitness = replace(fitness, fit=True)

    patch.setattr(RouterStateMachine, "judge", judge)


def two_owners_fight(patch: Patch) -> None:
    whole = BackupRole.takeover_at

    def takeover_at(self: BackupRole, mine: int, master: Any, since: float, *, held: bool = False) -> float:
        return since if mine == OWNER else whole(self, mine, master, since, held=held)

    patch.setattr(BackupRole, "takeover_at", takeover_at)


def replies_to_every_packet(patch: Patch) -> None:
    patch.setattr(active, "REPLY_SPACING", 0.0)
    patch.setattr(announce, "NUDGE_SPACING", 0.0)


def holds_again_after_expiry(patch: Patch) -> None:
    no_guard_on_waking(patch)
    whole = Lease.hold

    def hold(self: Lease, now: float, _: float, priority: int) -> HoldVips:
        return whole(self, now, inf, priority)

    patch.setattr(Lease, "hold", hold)


MUTANTS: tuple[Callable[[Patch], None], ...] = (
    no_lease,
    no_renewal,
    no_guard_on_waking,
    no_limit_on_adverts,
    no_limit_on_announcements,
    first_advert_limited_by_the_lease_alone,
    no_sweep_at_start,
    no_removal_on_leaving,
    farewell_before_removal,
    no_farewell,
    farewell_ignored,
    a_backup_of_two_acts_on_the_resignation_of_anybody,
    a_backup_of_two_acts_at_silence_without_skew,
    every_backup_acts_at_once,
    the_backup_of_two_waits_its_skew,
    who_resigned_does_not_let_others_go_first,
    a_hold_down_bans_nothing,
    a_true_resignation_after_ours_is_taken_for_forged,
    claim_before_the_kernel_confirms,
    neither_of_two_equals_yields,
    master_yields_to_anybody,
    never_preempts,
    always_preempts_at_once,
    no_refresh_of_announcements,
    announces_only_once,
    no_announcement,
    a_bad_ttl_is_accepted,
    a_master_of_other_addresses_is_followed,
    a_refused_packet_restarts_the_timer,
    timers_before_hearing,
    fault_for_ever,
    fault_deadline_stays_in_the_past,
    removal_by_hand_goes_unnoticed,
    unfit_master_stays,
    two_owners_fight,
    holds_again_after_expiry,
)
