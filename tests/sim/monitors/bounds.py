"""Seconds that a host may take beyond the times of the protocol."""

from sidecar.core.hook import Hook
from sidecar.core.params import LOOP_LATENESS, master_down_interval
from tests.sim.host.host import Host
from tests.sim.lan import DELAY

AT_ONCE = 0.1
"""Seconds within which a host must have acted, besides the answers of its kernel."""


def slack(host: Host) -> float:
    """Seconds for the loop, the LAN and the answers of the kernel."""
    return LOOP_LATENESS + DELAY + 3 * host.kernel.ack_delay


def hook_time(host: Host, hook: Hook) -> float:
    """Seconds by which a hook may delay a move of this host."""
    hooks = host.params.routers[0].hooks
    return 0.0 if hooks is None else hooks.patience(hook)


def master_down(host: Host, priority: int) -> float:
    """Seconds that this host waits for a silent master if it has this priority."""
    router = host.params.routers[0]
    return master_down_interval(priority, router.interval, router.version)
