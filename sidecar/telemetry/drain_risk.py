"""Whether a drain would leave nobody who serves."""

from collections.abc import Iterable

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.node_record import NodeRecord


def able_elsewhere(nodes: Iterable[NodeRecord]) -> bool:
    """Return whether one of the other hosts says now that it serves or can, and that its checks pass."""
    return any(
        not node.fault
        and node.told is not None
        and node.told.alive
        and all(router.able and router.fit for router in node.told.routers)
        for node in nodes
    )


def drain_risk(routers: Iterable[RouterSnapshot], *, able_elsewhere: bool) -> str:
    """Return why this host should not be drained now, "" if nothing is known against it.

    `able_elsewhere`: another host has just said that it can serve. A standby says nothing in VRRP, so without
    that a MASTER knows of nobody.
    """
    for router in routers:
        if router.state is State.MASTER and not able_elsewhere:
            return (
                f"this host serves {router.name}, and no other host is known to be able to; "
                "name it in `nodes:`, or look at its status and say --force"
            )
        if router.state is State.BACKUP and router.master is None:
            return f"nobody is known to serve {router.name}"
        if router.state is State.BACKUP and router.master and router.master.priority <= UNFIT_PRIORITY:
            return f"{router.master.source}, which serves {router.name}, is unfit or drained itself"
    return ""
