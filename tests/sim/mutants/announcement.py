"""Planted bugs of gratuitous ARP and neighbour advertisements."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.actions import Announce
from sidecar.core.router import announce
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.announce import Announcer
from sidecar.core.router.transmit import Transmitter

Patch = pytest.MonkeyPatch


def no_limit_on_announcements(patch: Patch) -> None:
    whole = Transmitter.announce
    patch.setattr(Transmitter, "announce", lambda *args: replace(whole(*args), not_after=inf))


def no_refresh_of_announcements(patch: Patch) -> None:
    patch.setattr(announce, "REFRESH", inf)
    patch.setattr(ActiveRole, "reassert", lambda *_: None)


def announces_only_once(patch: Patch) -> None:
    patch.setattr(announce, "BURST", 1)
    patch.setattr(announce, "REFRESH", inf)


def no_announcement(patch: Patch) -> None:
    patch.setattr(Announcer, "start", lambda *_: None)


def only_the_first_vip_is_announced(patch: Patch) -> None:
    whole = Transmitter.announce

    def announce(*args: Any) -> Announce:
        announcement = whole(*args)
        return replace(announcement, frames=announcement.frames[:1])

    patch.setattr(Transmitter, "announce", announce)


MUTANTS_OF_ANNOUNCEMENTS: tuple[Callable[[Patch], None], ...] = (
    no_limit_on_announcements,
    no_refresh_of_announcements,
    announces_only_once,
    no_announcement,
    only_the_first_vip_is_announced,
)
