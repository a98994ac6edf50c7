"""Planted bugs of hooks."""

from collections.abc import Callable
from math import inf

import pytest

from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.hook import Hook, HookParams
from sidecar.core.router.hook_wait import HookRecord
from sidecar.core.router.hooks import RouterHooks
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.router.sync_group import SyncGroup
from sidecar.core.state import Reason, State
from sidecar.hooks.lane import Lane

Patch = pytest.MonkeyPatch


def a_takeover_waits_for_its_hook_without_end(patch: Patch) -> None:
    patch.setattr(HookParams, "patience", lambda *_: inf)


def nobody_wakes_when_the_time_of_a_hook_is_over(patch: Patch) -> None:
    patch.setattr(HookRecord, "deadline", property(lambda _: inf))


def the_end_of_a_hook_is_not_heard(patch: Patch) -> None:
    patch.setattr(HookRecord, "ended", lambda *_: None)
    patch.setattr(HookParams, "patience", lambda *_: 60.0)


def the_vips_are_asked_for_beside_the_hook(patch: Patch) -> None:
    whole = RouterHooks.ask

    def ask(self: RouterHooks, hook: Hook, state: State, priority: int, now: float) -> bool:
        whole(self, hook, state, priority, now)
        return False

    patch.setattr(RouterHooks, "ask", ask)


def a_planned_move_waits_for_nothing_that_ends(patch: Patch) -> None:
    patch.setattr(SyncGroup, "released", lambda *_: False)


def a_failed_check_waits_for_pre_release(patch: Patch) -> None:
    whole = RouterStateMachine.judge

    def judge(self: RouterStateMachine, fitness: EffectivePriority, now: float) -> None:
        if self.router.fitness.fit and not fitness.fit:
            priority, self.router.fitness = self.priority, fitness
            if self._leave_in_order(Reason.DRAIN, "", priority, now):
                return
        whole(self, fitness, now)

    patch.setattr(RouterStateMachine, "judge", judge)


def a_hook_goes_on_when_its_move_is_over(patch: Patch) -> None:
    def cancel(self: RouterHooks) -> None:
        self.router.hooks.wait = self.router.hooks.leave = None

    patch.setattr(RouterHooks, "cancel", cancel)


def hooks_are_told_before_the_vips_are_gone(patch: Patch) -> None:
    whole = RouterHooks.moved

    def moved(self: RouterHooks, state: State, priority: int, now: float) -> None:
        whole(self, state, priority, now)
        self.tell(priority, now)

    patch.setattr(RouterHooks, "moved", moved)


def a_takeover_that_is_given_up_is_not_told(patch: Patch) -> None:
    whole = RouterHooks.ask

    def ask(self: RouterHooks, hook: Hook, state: State, priority: int, now: float) -> bool:
        told = self.router.hooks.told
        asked = whole(self, hook, state, priority, now)
        self.router.hooks.told = told
        return asked

    patch.setattr(RouterHooks, "ask", ask)


def two_hooks_run_at_once(patch: Patch) -> None:
    whole = Lane.next

    def begin(self: Lane) -> object:
        self.running = None
        return whole(self)

    patch.setattr(Lane, "next", begin)


MUTANTS_OF_HOOKS: tuple[Callable[[Patch], None], ...] = (
    a_takeover_waits_for_its_hook_without_end,
    nobody_wakes_when_the_time_of_a_hook_is_over,
    the_end_of_a_hook_is_not_heard,
    the_vips_are_asked_for_beside_the_hook,
    a_planned_move_waits_for_nothing_that_ends,
    a_failed_check_waits_for_pre_release,
    a_hook_goes_on_when_its_move_is_over,
    hooks_are_told_before_the_vips_are_gone,
    a_takeover_that_is_given_up_is_not_told,
    two_hooks_run_at_once,
)
