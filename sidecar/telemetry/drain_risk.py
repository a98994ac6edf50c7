"""Whether a drain would leave nobody who serves."""

from collections.abc import Collection, Iterable

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.node_document import Address
from sidecar.telemetry.node_record import NodeRecord


def able_elsewhere(nodes: Iterable[NodeRecord]) -> frozenset[Address]:
    """Return the VIPs of which another host says now that it serves them or can, and that its checks pass."""
    return frozenset(
        address
        for node in nodes
        if not node.fault and node.told is not None and node.told.alive
        if not node.told.stopping and node.told.drain is None
        for router in node.told.routers
        if router.able
        for address in router.addresses
    )


def drain_risk(routers: Iterable[RouterSnapshot], able_elsewhere: Collection[Address]) -> str:
    """Return why this host should not be drained now, "" if nothing is known against it.

    `able_elsewhere`: VIPs that another host has just said it can serve. A standby says nothing in VRRP, so
    without that a MASTER knows of nobody.
    """
    for router in routers:
        if router.state is State.MASTER and not all(vip.ip in able_elsewhere for vip in router.vips):
            return (
                f"this host serves {router.name}, and no other host is known to be able to; "
                "name it in `nodes:`, or look at its status and say --force"
            )
        if router.state is State.BACKUP and router.master is None:
            return f"nobody is known to serve {router.name}"
        if router.state is State.BACKUP and router.master and router.master.priority <= UNFIT_PRIORITY:
            return f"{router.master.source}, which serves {router.name}, is unfit or drained itself"
    return ""
