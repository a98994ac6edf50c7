"""Planted bugs of the Active_Down_Timer: how long a backup waits, and what restarts the wait."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.actions import Action
from sidecar.core.node import Node
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.election import Election
from sidecar.core.snapshot import Wait
from sidecar.core.wire.advert import Drop

Patch = pytest.MonkeyPatch


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


def two_silent_intervals_are_enough(patch: Patch) -> None:
    whole = DownTimer._seconds

    def seconds(self: DownTimer, wait: Wait, priority: int) -> float:
        return whole(self, wait, priority) - self.interval * (wait is Wait.SILENCE)

    patch.setattr(DownTimer, "_seconds", seconds)


def a_fit_backup_waits_as_long_as_an_unfit_one(patch: Patch) -> None:
    whole = DownTimer._seconds
    patch.setattr(DownTimer, "_seconds", lambda self, wait, _: whole(self, wait, 1))


MUTANTS_OF_THE_DOWN_TIMER: tuple[Callable[[Patch], None], ...] = (
    a_refused_packet_restarts_the_timer,
    timers_before_hearing,
    two_silent_intervals_are_enough,
    a_fit_backup_waits_as_long_as_an_unfit_one,
)
