"""One immutable picture of the node. Status page, command line, metrics and health answers all read this.

Times are seconds of the core's clock; whoever shows them converts.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import NamedTuple

from sidecar.core.address import Address, Vip
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.hook import Hook
from sidecar.core.state import State


@dataclass(frozen=True, slots=True)
class MasterSeen:
    """The master we follow, or ourselves."""

    source: Address
    priority: int
    heard_at: float
    interval: float
    """Seconds between its advertisements, as it says."""


class Step(StrEnum):
    """The next step of a virtual router, as long as no event comes."""

    STARTS = "starts"
    STOPS = "stops"
    SERVES = "serves"
    SERVES_UNFIT = "serves_unfit"
    """It serves although a required check is down, as nobody better is heard (fail open)."""
    FOLLOWS = "follows"
    """Nothing, while the master goes on advertising."""
    TAKES_OVER = "takes_over"
    STARTUP_DELAY = "startup_delay"
    """Nothing until startup_delay has passed; then it takes over, unless a better master is heard."""
    HELD_DOWN = "held_down"
    """Nothing until the hold-down ends; then it preempts the master."""
    PREEMPT_DELAY = "preempt_delay"
    """Nothing until preempt_delay has passed; then it preempts the master."""
    SYNC_GROUP = "sync_group"
    """Nothing: another router of its sync group cannot take over, or has a better master."""
    FAULT = "fault"
    """Nothing, until the cause is seen to be gone."""
    ASKS_KERNEL = "asks_kernel"
    """The kernel has refused the VIPs, and is asked again."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next step, at a moment of the core's clock, None if at no known one. `failures`: in a hold-down."""

    step: Step
    at: float | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class PeerMismatch:
    """A sender that is heard now and whose advertisements differ from ours. `reason` is a label.

    `detail` says what differs, with both values, `remedy` what mends it. `adverts` were heard since it
    was silent last. A sender that is not `refused` is followed.
    """

    source: Address
    mac: bytes | None
    reason: str
    refused: bool
    detail: str
    remedy: str
    adverts: int
    heard_at: float


class Wait(StrEnum):
    """Why a backup waits, and so for how long (router/down_timer.py)."""

    SILENCE = "silence"
    """Active_Down_Interval: a master may be alive."""
    RESIGNED = "resigned"
    """Skew_Time: the master leaves, and a better backup goes first."""
    ALONE = "alone"
    """Nothing: the master leaves, and there is no other backup."""
    AFTER_US = "after_us"
    """We were the master and have resigned: every other backup goes first, even one that is unfit.

    The slowest of them has taken over within an interval; silence after that means that nobody will.
    """


@dataclass(frozen=True, slots=True)
class Contention:
    """Facts that a backup decides by and does not show: a copy of the router is made from them (what_if/).

    `interval`: seconds between adverts, as it counts them. `preempt_at`: until then a lesser master is
    tolerated; infinity: nothing is decided. `best`: the highest priority that was heard of `best_of`.
    """

    wait: Wait = Wait.SILENCE
    interval: float = 1.0
    preempt_at: float = inf
    best: int = 0
    best_of: Address | None = None
    leaver: Address | None = None
    """The last host whose priority 0 was believed; until `ignored_until` no further one of it is."""
    ignored_until: float = -inf
    refused: str = ""
    """Why the kernel has refused the VIPs, "" if it has not; it is not asked again before `retry_at`."""
    retry_at: float = -inf
    source: Address | None = None
    """The address to send from, None if there is none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How the effective priority came about, beside configuration and checks (judgement.py)."""

    fit: bool = False
    drained: bool = False
    inherited_until: float | None = None
    """Until then the priority of an earlier process counts at most, as checks have no verdict yet."""
    failures: int = 0
    failed_at: float = -inf
    """Failures that flap damping has counted, and when the last one was."""
    awaited: frozenset[str] = frozenset()
    """Checks that came by a reload and do not count before their first verdict."""


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
    mismatches: tuple[PeerMismatch, ...] = ()
    """The worst first."""
    cannot_send: str = ""
    """Why no other host can hear this one, "" if nothing is known against it."""
    adopted: bool = field(default=False, repr=False)
    """Whether it is MASTER since an earlier process, which was killed, and by no transition of this one."""
    device: str = ""
    """The present name of the interface in the kernel; "": there is none."""
    unadvertised: frozenset[Vip] = frozenset()
    """VIPs that are held and announced, and that no advertisement names: they do not fit into it."""
    outlook: Outlook = Outlook(Step.STARTS)
    waits_since: float = 0.0
    """When the timer began that the silence of the master is counted by."""
    contention: Contention = Contention()
    judged: Judged = Judged()
    hook: Hook | None = field(default=None, repr=False)
    """The hook that it waits for before it moves."""


class Standing(NamedTuple):
    """What must never be told wrongly for long: the end of a drain, and of each router its state and VIPs."""

    drained_until: float | None
    routers: tuple[tuple[State, frozenset[Vip]], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole node at one moment."""

    node: str
    at: float
    routers: tuple[RouterSnapshot, ...]
    checks: tuple[CheckSnapshot, ...]
    stopping: bool
    drained_until: float | None = None
    """Until when an operator keeps the VIPs away, None if nobody does; infinity: without an end."""
