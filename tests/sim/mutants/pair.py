"""Planted bugs of `hosts: 2`."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.router import backup
from sidecar.core.router.backup import BackupRole
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.snapshot import Wait

Patch = pytest.MonkeyPatch


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


MUTANTS_OF_A_PAIR: tuple[Callable[[Patch], None], ...] = (
    a_backup_of_two_acts_on_the_resignation_of_anybody,
    a_backup_of_two_acts_at_silence_without_skew,
    every_backup_acts_at_once,
    the_backup_of_two_waits_its_skew,
)
