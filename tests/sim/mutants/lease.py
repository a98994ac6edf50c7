"""Planted bugs of the lease: what the kernel holds, for how long, and what may be said of it."""

from collections.abc import Callable
from math import inf

import pytest

from sidecar.core.actions import Action, HoldVips
from sidecar.core.params import RouterParams
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.election import Election
from sidecar.core.router.lease import Lease
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.state import Reason, State

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> list[Action]:
    return []


def no_lease(patch: Patch) -> None:
    patch.setattr(RouterParams, "lease", 3600)


def no_renewal(patch: Patch) -> None:
    patch.setattr(Lease, "renewal_due", lambda *_: False)


def no_guard_on_waking(patch: Patch) -> None:
    patch.setattr(Election, "wake", lambda *_: None)


def holds_again_after_expiry(patch: Patch) -> None:
    no_guard_on_waking(patch)
    whole = Lease.hold

    def hold(self: Lease, now: float, _: float, priority: int) -> HoldVips:
        return whole(self, now, inf, priority)

    patch.setattr(Lease, "hold", hold)


def no_sweep_at_start(patch: Patch) -> None:
    patch.setattr(Election, "start", lambda self, _: setattr(self.router.lease, "swept", True))


def no_removal_on_leaving(patch: Patch) -> None:
    patch.setattr(ActiveRole, "end", _nothing)


def claim_before_the_kernel_confirms(patch: Patch) -> None:
    def take_over(self: RouterStateMachine, now: float) -> None:
        self.router.lease.until = now + self._active.params.lease
        self._active.acquire(now)
        self._enter(State.MASTER, Reason.MASTER_DOWN, "without waiting for the kernel", now)

    patch.setattr(RouterStateMachine, "_take_over", take_over)


def removal_by_hand_goes_unnoticed(patch: Patch) -> None:
    patch.setattr(ActiveRole, "restore", lambda *_: True)


MUTANTS_OF_THE_LEASE: tuple[Callable[[Patch], None], ...] = (
    no_lease,
    no_renewal,
    no_guard_on_waking,
    holds_again_after_expiry,
    no_sweep_at_start,
    no_removal_on_leaving,
    claim_before_the_kernel_confirms,
    removal_by_hand_goes_unnoticed,
)
