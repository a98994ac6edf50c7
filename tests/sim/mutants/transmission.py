"""Planted bugs of advertisements that are sent: too late, with a wrong priority, not to everybody."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.transmit import Transmitter

Patch = pytest.MonkeyPatch


def no_limit_on_adverts(patch: Patch) -> None:
    whole = Transmitter.advertise
    patch.setattr(Transmitter, "advertise", lambda *args: replace(whole(*args), not_after=inf))


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


MUTANTS_OF_TRANSMISSION: tuple[Callable[[Patch], None], ...] = (
    no_limit_on_adverts,
    first_advert_limited_by_the_lease_alone,
    an_unfit_master_says_its_full_priority,
    only_the_first_peer_is_told,
)
