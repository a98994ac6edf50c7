"""One immutable picture of a pool. Times are seconds of the core's clock; whoever shows them converts."""

from dataclasses import dataclass

from sidecar.core.pool.upstream import Mode


@dataclass(frozen=True, slots=True)
class ServerSnapshot:
    """One address of a server. `up` is None until there is a verdict.

    `weight` is the one wanted now, lower than configured during a slow start; `in_service` is what nginx
    was last proven to serve.
    """

    address: str
    name: str
    up: bool | None
    in_service: bool
    weight: int
    ramp: int
    detail: str
    since: float
    reported_at: float | None


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """One pool. `state` is pending, live or failed; `generation` is the last one that was proven live.

    `cut_off` says why this host reaches nobody of it, and so judges no server; empty: it does.
    """

    name: str
    upstream: str
    mode: Mode
    state: str
    since: float
    detail: str
    generation: int
    servers: tuple[ServerSnapshot, ...]
    cut_off: str = ""
