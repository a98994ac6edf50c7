"""Planted bugs of the election: who yields to whom, and who preempts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sidecar.core.priorities import OWNER
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.election import Election
from sidecar.core.router.preemption import Preemption, Verdict
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def neither_of_two_equals_yields(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        if advert.priority != self._machine.priority:
            whole(self, advert, source, now)

    patch.setattr(Election, "_hear_as_master", hear)


def a_tie_is_decided_by_the_text_of_the_addresses(patch: Patch) -> None:
    whole = Election._hear_as_master

    def hear(self: Election, advert: Any, source: Any, now: float) -> None:
        if advert.priority == self._machine.priority:
            greater = str(source) > str(self.router.source)
            advert = replace(advert, priority=advert.priority + (1 if greater else -1))
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


def two_owners_fight(patch: Patch) -> None:
    whole = BackupRole.takeover_at

    def takeover_at(self: BackupRole, mine: int, master: Any, since: float, *, held: bool = False) -> float:
        return since if mine == OWNER else whole(self, mine, master, since, held=held)

    patch.setattr(BackupRole, "takeover_at", takeover_at)


def a_takeover_goes_on_beside_a_master(patch: Patch) -> None:
    patch.setattr(RouterStateMachine, "abandon", lambda *_: None)


MUTANTS_OF_THE_ELECTION: tuple[Callable[[Patch], None], ...] = (
    neither_of_two_equals_yields,
    a_tie_is_decided_by_the_text_of_the_addresses,
    master_yields_to_anybody,
    never_preempts,
    always_preempts_at_once,
    two_owners_fight,
    a_takeover_goes_on_beside_a_master,
)
