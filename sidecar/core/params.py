"""Parameters of the core, made from the configuration. The core never sees the configuration itself."""

from dataclasses import dataclass, field
from enum import StrEnum
from math import floor
from typing import Final

from sidecar.core.address import Address, Vip
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.hook import Hook, HookParams
from sidecar.core.priorities import HIGHEST_FIT, OWNER
from sidecar.core.wire.constants import TTL, V2, V3
from sidecar.core.wire.hmac_key import HmacKey

KERNEL_EXPIRY = 0.7
"""Seconds by which the kernel may be late to expire an address (measured: 0 to 0.66)."""

LOOP_LATENESS = 0.05
"""Seconds by which our own loop may be late before we call it late."""

ADOPTION_INTERVAL: Final = 0.6
"""Seconds of the advertisement interval below which a lease may last longer than the patience of a peer."""

PAIR: Final = 2
"""The only value of `hosts`: with two hosts there is one backup, and Skew_Time orders nobody."""


def skew(priority: int, interval: float, version: int = V3) -> float:
    """Skew_Time in seconds (RFC 9568 section 6.1; RFC 3768: of one second), without integer truncation."""
    return (256 - priority) * (1.0 if version == V2 else interval) / 256


def master_down_interval(priority: int, interval: float, version: int = V3) -> float:
    """Active_Down_Interval in seconds (RFC 9568 section 6.1), Master_Down_Interval of RFC 3768."""
    return 3 * interval + skew(priority, interval, version)


def lease_seconds(interval: float, version: int = V3) -> int:
    """Valid lifetime of the VIPs in the kernel, in whole seconds, of a router with this interval.

    Short enough to be over before the fastest possible peer (priority 254) takes over;
    at least 1, the kernel's unit, which below A = 0.47 s is longer than that.
    """
    fastest = master_down_interval(254, interval, version)
    return max(1, floor(fastest - KERNEL_EXPIRY - LOOP_LATENESS))


@dataclass(frozen=True, slots=True)
class Unicast:
    """Adverts go to named peers and are accepted from them alone, instead of by multicast."""

    source: Address | None
    """Our own address; None: the first of the interface that is like those of the peers."""
    peers: tuple[Address, ...]
    """The other hosts. Without a `source` the host itself may be among them."""
    min_ttl: int = TTL
    """Least TTL of an accepted packet: 255 unless peers are behind routers."""


class AuthMode(StrEnum):
    """Steps of a roll-out on a running pair (draft-cassen-vrrp-auth-hmac)."""

    RECEIVE_ONLY = "receive-only"
    """Send unsigned; verify a signature that is there, accept its absence."""
    PERMISSIVE = "permissive"
    """Sign; verify a signature that is there, accept its absence."""
    ENFORCE = "enforce"
    """Sign; refuse what is not signed."""


@dataclass(frozen=True, slots=True)
class HmacParams:
    """Authenticated adverts. The first key signs, every key verifies. `window` in seconds."""

    keys: tuple[HmacKey, ...]
    mode: AuthMode = AuthMode.ENFORCE
    window: float = 5.0


@dataclass(frozen=True, slots=True)
class RouterParams:
    """One virtual router. All addresses are of one family."""

    name: str
    interface: str
    vrid: int
    priority: int
    addresses: tuple[Vip, ...]
    interval_cs: int = 100
    """Advertisement interval in centiseconds, 1 to 4095; version 2: whole seconds, 100 to 25500."""
    version: int = V3
    """3 (RFC 9568) or, IPv4 only, 2 (RFC 3768)."""
    preempt: bool = True
    preempt_delay: float = 0.0
    source: Address | None = None
    """Address to multicast from; None: the first of the interface (IPv6: the first link-local one)."""
    unicast: Unicast | None = None
    v4_pseudo_header: bool = True
    password: bytes | None = field(default=None, repr=False)
    """Simple password of version 2, at most 8 bytes. Protects nothing: it is on the wire in clear."""
    hmac: HmacParams | None = None
    accept: bool = True
    """Whether packets to the VIPs are accepted (Accept_Mode); the address owner always accepts."""
    virtual_mac: bool = False
    """Whether the VIPs live on a macvlan with the virtual router's MAC address."""
    checks: tuple[str, ...] = ()
    weights: tuple[int, ...] = ()
    """Weights of those checks that have one."""
    damping: DampingParams | None = None
    """None: a node preempts as soon as its checks and its priority allow it."""
    hosts: int | None = None
    """PAIR: this node and one other share the router, both of them sidecars. None: nothing is known."""
    hooks: HookParams | None = None
    """None: no program is run when the router moves."""
    startup_delay: float = 0.0
    """Seconds from the start of this sidecar until which it takes over from nobody."""
    refuse_answered: bool = False
    """Whether it must not take over for the first time while an unknown machine answers for a VIP."""

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.addresses[0].version

    @property
    def interval(self) -> float:
        """Advertisement interval in seconds."""
        return self.interval_cs / 100

    @property
    def accepts(self) -> bool:
        """Whether packets to the VIPs are accepted."""
        return self.accept or self.priority == OWNER

    @property
    def best(self) -> int:
        """Effective priority while every check is up."""
        if self.priority == OWNER:
            return OWNER
        return min(HIGHEST_FIT, self.priority + sum(weight for weight in self.weights if weight > 0))

    @property
    def mac(self) -> bytes | None:
        """The virtual router MAC address (RFC 9568 section 7.3) if this router uses it."""
        kind = {4: 1, 6: 2}[self.family]
        return bytes((0, 0, 0x5E, 0, kind, self.vrid)) if self.virtual_mac else None

    @property
    def vip_interface(self) -> str:
        """Name of the interface that the VIPs are put on: `interface`, or the macvlan above it."""
        return f"vrrp{self.family}-{self.vrid}" if self.virtual_mac else self.interface

    @property
    def lease(self) -> int:
        """Valid lifetime of the VIPs in the kernel, in whole seconds."""
        return lease_seconds(self.interval, self.version)


@dataclass(frozen=True, slots=True)
class NodeParams:
    """Everything the core needs to run."""

    node: str
    routers: tuple[RouterParams, ...]
    checks: tuple[CheckParams, ...] = ()
    sync_groups: tuple[tuple[str, ...], ...] = ()
    """Names of routers that move together: all are MASTER here, or none is. A router is in one at most."""

    @property
    def leaving_patience(self) -> float:
        """Seconds for which a planned stop may wait for hooks."""
        patience = (
            router.hooks.patience(Hook.PRE_RELEASE)
            for router in self.routers
            if router.hooks is not None and Hook.PRE_RELEASE in router.hooks.hooks
        )
        return max(patience, default=0.0)
