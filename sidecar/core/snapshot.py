"""One immutable picture of the node. Status page, command line, metrics and health answers all read this.

Times are seconds of the core's clock; whoever shows them converts.
"""

from dataclasses import dataclass

from sidecar.core.params import Address, Vip
from sidecar.core.state import State


@dataclass(frozen=True, slots=True)
class MasterSeen:
    """The master we follow, or ourselves."""

    source: Address
    priority: int
    heard_at: float


@dataclass(frozen=True, slots=True)
class RouterSnapshot:
    """One virtual router. `owned` is what the kernel last said, not what we wish."""

    name: str
    vrid: int
    interface: str
    family: int
    version: int
    mode: str
    state: State
    since: float
    reason: str
    priority: int
    effective_priority: int
    vips: tuple[Vip, ...]
    desired: bool
    owned: frozenset[Vip]
    master: MasterSeen | None
    master_down_interval: float
    masters_observed: int
    held_until: float | None = None
    """End of a hold-down of a node that was unfit too often: it does not preempt a fit master until then."""
    hosts: int | None = None
    other_hosts: tuple[Address, ...] = ()
    """With `hosts`: senders that were heard within the last hour. More than one is one too many."""


@dataclass(frozen=True, slots=True)
class CheckSnapshot:
    """One check. `up` is None until there is a verdict; `reported_at` None until there is a result."""

    name: str
    kind: str
    up: bool | None
    detail: str
    since: float
    reported_at: float | None
    certificate_expires: float | None = None
    """Unix seconds; None where there is no TLS, or no handshake yet."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole node at one moment."""

    node: str
    at: float
    routers: tuple[RouterSnapshot, ...]
    checks: tuple[CheckSnapshot, ...]
    stopping: bool
