"""Planted bugs of resignations (priority 0): said too early, late or never, believed or not."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from sidecar.core.actions import Action, Resigned
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.resignation import Resignation
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.snapshot import Wait
from sidecar.core.state import Reason

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> list[Action]:
    return []


def resignation_before_removal(patch: Patch) -> None:
    whole = ActiveRole.end

    def end(self: ActiveRole, now: float) -> None:
        if self.router.source is not None:
            self._out.append(self._transmitter.advertise(self.router.source, 0, now, inf))
        whole(self, now)

    patch.setattr(ActiveRole, "end", end)


def no_resignation(patch: Patch) -> None:
    patch.setattr(ActiveRole, "resign", _nothing)


def resignation_ignored(patch: Patch) -> None:
    patch.setattr(DownTimer, "hasten", lambda *_: None)


def who_resigned_does_not_let_others_go_first(patch: Patch) -> None:
    whole = BackupRole.begin

    def begin(self: BackupRole, now: float, *, resigned: bool = False) -> None:
        whole(self, now, resigned=resigned)
        if resigned:
            self.router.timer.wait = Wait.ALONE

    patch.setattr(BackupRole, "begin", begin)


def a_true_resignation_after_ours_is_taken_for_forged(patch: Patch) -> None:
    patch.setattr(BackupRole, "hand_back", lambda self: self.params)


def an_unknown_sender_resigns_for_the_master(patch: Patch) -> None:
    def resigned(self: BackupRole, source: Any, _: Any, mine: int, now: float) -> None:
        self._hasten(source, mine, now)

    patch.setattr(BackupRole, "_resigned", resigned)


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


MUTANTS_OF_RESIGNATIONS: tuple[Callable[[Patch], None], ...] = (
    resignation_before_removal,
    no_resignation,
    resignation_ignored,
    who_resigned_does_not_let_others_go_first,
    a_true_resignation_after_ours_is_taken_for_forged,
    an_unknown_sender_resigns_for_the_master,
    who_let_go_late_says_nothing,
    who_let_go_late_says_it_while_it_still_has_the_vips,
)
