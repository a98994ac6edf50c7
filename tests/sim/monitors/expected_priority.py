"""Which host should serve: counted from what is true, not from what a host believes."""

from sidecar.core.priorities import UNFIT_PRIORITY
from tests.sim.host.host import Host


def expected_priority(host: Host) -> int:
    """Return the priority a host should have; the lowest one where it may have that, too."""
    well = all(host.good.values()) and host.observer.certainty.sure and not host.operator_drain.under_way
    return host.params.routers[0].priority if well else UNFIT_PRIORITY


def held_down(host: Host) -> bool:
    """Whether a host is held down, and should be."""
    until = None if host.node is None else host.node.snapshot(0.0).routers[0].held_until
    return until is not None and host.clock < until


def should_preempt(other: Host, holder: Host) -> bool:
    """Whether another host should take the VIP from the one that has it."""
    mine, theirs = expected_priority(other), expected_priority(holder)
    return mine > theirs and not (held_down(other) and theirs > UNFIT_PRIORITY)
