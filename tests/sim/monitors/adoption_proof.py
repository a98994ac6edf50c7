"""What a process that starts may take for its own, judged without the core: by what the kernel has."""

from math import inf

from sidecar.core.params import LOOP_LATENESS, NodeParams
from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.monitors.record import Record

SHORTEST_INTERVAL = 0.6
"""Seconds of the interval below which a peer may lose patience before a lease has run out."""


def configuration(params: NodeParams) -> tuple[object, ...]:
    """What must be the same for an earlier process to have been the same router."""
    router = params.routers[0]
    vips = frozenset(router.addresses)
    return router.vrid, router.interface, router.virtual_mac, router.version, router.interval_cs, vips


def proof(host: Host, record: Record) -> float:
    """Seconds of the lease that are left of a claim that this host may go on with; 0: it may not."""
    kernel, router = host.kernel, host.params.routers[0]
    same = record.held_under == configuration(host.params)
    if not same or router.interval < SHORTEST_INTERVAL or kernel.ours.keys() != set(router.addresses):
        return 0.0
    return max(0.0, min(kernel.leases[vip][0] for vip in kernel.ours) - host.timeline.now)


def longest_trust(host: Host) -> float:
    """Seconds for which the priority of an earlier life may be believed, if its checks had said so."""
    ages = [check.max_age + check.told_within for check in host.params.checks if check.max_age is not None]
    return min([host.silence, *ages])


def had_results(host: Host, before: float = 0.0) -> bool:
    """Whether all checks have had a result in this life of the host, so many seconds ago or earlier."""
    produced = [host.observer.results.produced_at.get(name, -inf) for name in host.good]
    return all(host.process.born_at <= at <= host.timeline.now - before for at in produced)


def unproven_priority(host: Host) -> bool:
    """Whether a host that does not serve calls itself fit, and no check of this life has said so."""
    if host.node is None:
        return False
    router = host.node._elections["web"].router
    return not had_results(host) and router.fitness.fit and router.state is not State.MASTER


def must_adopt(host: Host, record: Record) -> bool:
    """Whether nothing keeps this host from going on with it."""
    able = host.link_up and not host.process.stopping and not host.kernel.foreign
    # Lives without verdicts, one after the other, are believed for whole seconds, and at last not at all.
    return able and record.surely_proven and proof(host, record) > 2 * LOOP_LATENESS
