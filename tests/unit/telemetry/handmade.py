"""A node that was made by hand, a clock that is moved by hand, a logger that remembers."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

import structlog
from structlog.typing import EventDict

from sidecar.core.health.params import CheckParams
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.pool.snapshot import PoolSnapshot, ServerSnapshot
from sidecar.core.pool.upstream import Mode
from sidecar.core.snapshot import MasterSeen, Outlook, PeerMismatch, RouterSnapshot, Snapshot, Step
from sidecar.core.state import State

VIP = IPv4Interface("10.77.0.100/32")
PARAMS = NodeParams(
    node="a",
    routers=(RouterParams("web", "eth0", 51, 250, (VIP,), checks=("http", "gateway")),),
    checks=(CheckParams("http", "http"), CheckParams("gateway", "icmp", weight=-20)),
)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Lines:
    """A logger that keeps what it is told."""

    seen: list[EventDict] = field(default_factory=list)

    @property
    def log(self) -> structlog.typing.FilteringBoundLogger:
        def keep(_logger: object, method: str, event: EventDict) -> EventDict:
            self.seen.append({"level": method, **event})
            raise structlog.DropEvent

        logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            None, processors=[keep], wrapper_class=structlog.make_filtering_bound_logger(10)
        )
        return logger


def router(**changes: object) -> RouterSnapshot:
    facts: dict[str, object] = {
        "name": "web",
        "vrid": 51,
        "interface": "eth0",
        "device": "eth0",
        "family": 4,
        "version": 3,
        "mode": "multicast",
        "state": State.MASTER,
        "since": 940.0,
        "reason": "no advertisement of 10.77.0.12 for 3.06 s",
        "priority": 250,
        "effective_priority": 230,
        "vips": (VIP,),
        "desired": True,
        "owned": frozenset({VIP}),
        "master": MasterSeen(IPv4Address("10.77.0.11"), 230, 999.75, 1.0),
        "master_down_interval": 3.0234375,
        "masters_observed": 1,
        "outlook": Outlook(Step.SERVES),
    }
    return RouterSnapshot(**(facts | changes))  # type: ignore[arg-type]


VERSION_TWO = PeerMismatch(
    source=IPv4Address("10.77.0.66"),
    mac=bytes.fromhex("020000770042"),
    reason="version",
    refused=True,
    detail="it speaks VRRP version 2, we version 3",
    remedy="set `version: 2` here",
    adverts=5,
    heard_at=999.5,
)
"""A sender that is refused."""


def snapshot(*routers: RouterSnapshot) -> Snapshot:
    checks = (
        CheckSnapshot(
            "http",
            "http",
            up=True,
            detail="200 in 3 ms",
            since=950.0,
            reported_at=999.6,
            certificate_expires=1.8e9,
        ),
        CheckSnapshot("gateway", "icmp", up=False, detail="no reply", since=990.0, reported_at=999.9),
        CheckSnapshot("nginx", "container", up=None, detail="no result yet", since=930.0, reported_at=None),
    )
    return Snapshot("a", 1000.0, routers or (router(),), checks, stopping=False)


def pool(**changes: object) -> PoolSnapshot:
    one, two, nine, lost = "10.0.0.21:8080", "10.0.0.22:8080", "10.0.0.9:80", "b.example:80"
    servers = (
        ServerSnapshot(one, one, True, True, 1, 100, "http: 200 in 2 ms", 940.0, 999.9),
        ServerSnapshot(two, two, True, True, 3, 50, "http: 200 in 2 ms", 998.0, 999.9),
        ServerSnapshot(nine, "a.example:80", False, False, 1, 100, "tcp: connection refused", 990.0, 999.9),
        ServerSnapshot(lost, lost, None, False, 1, 0, "b.example does not resolve", 990.0, None),
    )
    facts: dict[str, object] = {
        "name": "app",
        "upstream": "app",
        "mode": Mode.NORMAL,
        "state": "live",
        "since": 990.0,
        "detail": "10.0.0.9:80 failed: tcp: connection refused",
        "generation": 7,
        "servers": servers,
    }
    return PoolSnapshot(**(facts | changes))  # type: ignore[arg-type]
