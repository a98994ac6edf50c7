"""Whether a process that starts may go on as the MASTER that an earlier one was, which was killed.

A living lease is a proof. The lease is shorter than the patience of any peer and is renewed with adverts, so
while the kernel has our VIPs no peer can have taken over by its timer. A better host may have preempted the
earlier process; it is heard within an interval, and yielded to as ever. So VIPs that are there, all of them,
under this very configuration and with some of their lease left, are neither removed nor lost: the router
begins as MASTER, with the priority that the earlier process had, advertises and renews at once.

If any part of that proof is missing, the VIPs are swept as leftovers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.core.events import LeaseFound
from sidecar.core.params import ADOPTION_INTERVAL, LOOP_LATENESS, RouterParams
from sidecar.core.router import fault_conditions
from sidecar.core.router.lease_record import LeaseRecord, read
from sidecar.core.router.router_state import RouterState
from sidecar.core.state import Adoption

_NO_RECORD: Final = LeaseRecord(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """The decision about the VIPs of one router. If adopted, `record` counts from now on."""

    lease: LeaseFound
    result: Adoption
    detail: str
    record: LeaseRecord = _NO_RECORD


def judge_all(
    routers: Mapping[str, tuple[RouterParams, RouterState]],
    groups: Iterable[tuple[str, ...]],
    leases: Iterable[LeaseFound],
    now: float,
) -> dict[str, Finding]:
    """Return a finding for each router that has left VIPs. Of a sync group all are adopted, or none."""
    found = {lease.router: _judge(*routers[lease.router], lease, now) for lease in leases}
    for group in groups:
        without = [name for name in group if name not in found or found[name].result is not Adoption.ADOPTED]
        adopted = [name for name in group if name not in without]
        for name in adopted if without else ():
            detail = f"router {without[0]} of the same sync group cannot go on as MASTER"
            found[name] = Finding(found[name].lease, Adoption.SYNC_GROUP, detail)
    return found


def _judge(params: RouterParams, router: RouterState, lease: LeaseFound, now: float) -> Finding:
    record = read(lease.record, params)
    left, vips = lease.until - now, frozenset(params.addresses)
    if params.interval < ADOPTION_INTERVAL:
        detail = f"at an interval of {params.interval:g} s their lease proves nothing"
        return Finding(lease, Adoption.SHORT_INTERVAL, detail)
    if record is None:
        detail = "they were held under another VRID, interface, interval, MAC address or set of addresses"
        return Finding(lease, Adoption.CHANGED, detail)
    if lease.vips != vips or router.lease.owned != vips:
        return Finding(lease, Adoption.INCOMPLETE, f"{len(lease.vips)} of {len(vips)} are left")
    if left <= LOOP_LATENESS:
        return Finding(lease, Adoption.EXPIRED, f"their lease has {max(0.0, left):.2f} s left")
    believed = record.seconds - (params.lease - left)
    if believed <= 0:
        return Finding(lease, Adoption.UNCONFIRMED, "no check has had a verdict since an earlier start")
    obstacle = None if router.stopping else fault_conditions.seen(params, router)
    if router.stopping or obstacle is not None:
        why = "a stop was requested" if obstacle is None else obstacle[1]
        return Finding(lease, Adoption.UNUSABLE, why)
    detail = f"goes on as the MASTER that an earlier process was: {left:.2f} s of its lease were left"
    return Finding(lease, Adoption.ADOPTED, detail, LeaseRecord(record.priority, believed))
