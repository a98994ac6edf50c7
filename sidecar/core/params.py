"""What the core needs from the configuration. The core never sees the configuration itself."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from math import floor

Address = IPv4Address | IPv6Address
Vip = IPv4Interface | IPv6Interface

KERNEL_EXPIRY = 0.7
"""Seconds by which the kernel may be late to expire an address (measured: 0 to 0.66)."""

LOOP_LATENESS = 0.05
"""Seconds by which our own loop may be late before we call it late."""

UNFIT_PRIORITY = 1
"""Effective priority of a node that is unfit by its checks: it still serves if nobody else does."""


def skew(priority: int, interval: float) -> float:
    """Skew_Time in seconds (RFC 9568 section 6.1), without integer truncation."""
    return (256 - priority) * interval / 256


def master_down_interval(priority: int, interval: float) -> float:
    """Active_Down_Interval in seconds (RFC 9568 section 6.1)."""
    return 3 * interval + skew(priority, interval)


@dataclass(frozen=True, slots=True)
class Unicast:
    """Adverts go to named peers and are accepted from them alone, instead of by multicast."""

    source: Address
    peers: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class RouterParams:
    """One virtual router. All addresses are of one family."""

    name: str
    interface: str
    vrid: int
    priority: int
    addresses: tuple[Vip, ...]
    interval_cs: int = 100
    """Advertisement interval in centiseconds, 1 to 4095."""
    preempt: bool = True
    preempt_delay: float = 0.0
    unicast: Unicast | None = None
    v4_pseudo_header: bool = True
    checks: tuple[str, ...] = ()

    @property
    def interval(self) -> float:
        """Advertisement interval in seconds."""
        return self.interval_cs / 100

    @property
    def lease(self) -> int:
        """Valid lifetime of the VIPs in the kernel, in whole seconds.

        Short enough to be over before the fastest possible peer (priority 254) takes over;
        at least 1, the kernel's unit, which below A = 0.47 s is longer than that.
        """
        return max(1, floor(master_down_interval(254, self.interval) - KERNEL_EXPIRY - LOOP_LATENESS))


@dataclass(frozen=True, slots=True)
class CheckParams:
    """How the results of one check become a verdict. Thresholds live here, never in a probe."""

    name: str
    kind: str
    rise: int = 2
    fall: int = 2
    weight: int | None = None
    """Negative: added to the priority while the check is down. Positive: while it is up. None: required."""
    max_age: float | None = None
    """Seconds after which a result is stale and counts as a failure. None: event driven, never stale."""


@dataclass(frozen=True, slots=True)
class NodeParams:
    """Everything the core needs to run."""

    node: str
    routers: tuple[RouterParams, ...]
    checks: tuple[CheckParams, ...] = ()
