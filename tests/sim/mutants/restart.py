"""Planted bugs of a process that goes on where another one was killed: each part of the proof left out."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from sidecar.core.events import LeaseFound
from sidecar.core.health.effective_priority import Inherited
from sidecar.core.node import Node
from sidecar.core.params import RouterParams
from sidecar.core.router import adoption, lease_record
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.lease_record import LeaseRecord
from sidecar.core.router.state_machine import RouterStateMachine

Patch = pytest.MonkeyPatch


def _digest_without(patch: Patch, **same: Any) -> None:
    """Records do not tell configurations apart that differ in this alone."""
    whole = lease_record._digest
    patch.setattr(lease_record, "_digest", lambda params: whole(replace(params, **same)))


def another_vrid_is_adopted(patch: Patch) -> None:
    _digest_without(patch, vrid=1)


def another_set_of_addresses_is_adopted(patch: Patch) -> None:
    whole = lease_record._digest
    patch.setattr(
        lease_record, "_digest", lambda params: whole(replace(params, addresses=params.addresses[:1]))
    )
    judge = adoption._judge

    def complete(params: RouterParams, router: Any, lease: LeaseFound, now: float) -> Any:
        lease = replace(lease, vips=frozenset(params.addresses))
        router.lease.owned = frozenset(params.addresses)
        return judge(params, router, lease, now)

    patch.setattr(adoption, "_judge", complete)


def another_interval_is_adopted(patch: Patch) -> None:
    whole = lease_record._digest

    def digest(params: RouterParams) -> int:
        return whole(replace(params, interval_cs=100))

    patch.setattr(lease_record, "_digest", digest)


def any_configuration_is_adopted(patch: Patch) -> None:
    patch.setattr(lease_record, "_digest", lambda _: 0)


def an_expired_lease_is_adopted(patch: Patch) -> None:
    judge = adoption._judge
    patch.setattr(
        adoption,
        "_judge",
        lambda params, router, lease, now: judge(
            params, router, replace(lease, until=now + params.lease), now
        ),
    )


def a_lease_that_peers_do_not_outwait_is_adopted(patch: Patch) -> None:
    patch.setattr(adoption, "ADOPTION_INTERVAL", 0.0)


def nothing_is_adopted(patch: Patch) -> None:
    patch.setattr(adoption, "ADOPTION_INTERVAL", inf)


def what_is_adopted_is_swept(patch: Patch) -> None:
    whole = RouterStateMachine.adopt

    def adopt(self: RouterStateMachine, until: float, detail: str, now: float) -> None:
        self._out.append(self.router.lease.drop(now))
        whole(self, until, detail, now)

    patch.setattr(RouterStateMachine, "adopt", adopt)


def it_is_adopted_at_the_configured_priority(patch: Patch) -> None:
    whole = LeaseRecord.number

    def number(self: LeaseRecord, params: RouterParams) -> int:
        return whole(replace(self, priority=params.priority), params)

    patch.setattr(LeaseRecord, "number", number)


def an_inherited_priority_counts_for_ever(patch: Patch) -> None:
    whole = Inherited.fitness

    def fitness(self: Inherited, checks: Any, now: float) -> Any:
        return whole(replace(self, until=inf), [replace_unknown(check) for check in checks], now)

    def replace_unknown(check: Any) -> Any:
        return replace(check, told=replace(check.told, up=None)) if check.up else check

    patch.setattr(Inherited, "fitness", fitness)


def who_goes_on_says_nothing_at_once(patch: Patch) -> None:
    def resume(self: ActiveRole, _: int, now: float) -> None:
        self.router.sent_at = now
        self.router.advert_at = now + 3 * self.params.interval
        self._hold(now, self.until)

    patch.setattr(ActiveRole, "resume", resume)


def who_goes_on_does_not_renew(patch: Patch) -> None:
    whole = ActiveRole.resume

    def resume(self: ActiveRole, priority: int, now: float) -> None:
        before = len(self._out)
        whole(self, priority, now)
        del self._out[before]
        self.router.lease._under_way = 0
        self.router.lease._asked_at = now + self.params.interval

    patch.setattr(ActiveRole, "resume", resume)


def a_backup_keeps_what_it_has_inherited(patch: Patch) -> None:
    def keep(_: Node, __: Iterable[Any], ___: float) -> None: ...

    patch.setattr(Node, "_end_inheritances", keep)


MUTANTS_OF_A_RESTART: tuple[Callable[[Patch], None], ...] = (
    another_vrid_is_adopted,
    another_set_of_addresses_is_adopted,
    another_interval_is_adopted,
    any_configuration_is_adopted,
    an_expired_lease_is_adopted,
    a_lease_that_peers_do_not_outwait_is_adopted,
    nothing_is_adopted,
    what_is_adopted_is_swept,
    an_inherited_priority_counts_for_ever,
    who_goes_on_says_nothing_at_once,
    a_backup_keeps_what_it_has_inherited,
)
