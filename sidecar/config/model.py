"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

The string under a field is its documentation. `scalars.py` owns the spelling of values, `load.py`
turns a file into this and owns all messages. Virtual routers are in `router_model.py`.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sidecar.config.pool_model import Pool
from sidecar.config.router_model import VirtualRouter
from sidecar.config.scalars import (
    ContainerName,
    Endpoint,
    EngineUrl,
    Flag,
    HostAddress,
    InterfaceName,
    Seconds,
    StatusRanges,
    TcpEndpoint,
    Text,
    UnixPath,
    Url,
    Whole,
)
from sidecar.config.strict_model import StrictModel


class Expect(StrictModel):
    """What an HTTP answer must be."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: Text | None = None
    """Text that the first 64 KiB of the body must contain."""


DEFAULT_EVERY = 1.0
"""Seconds between two runs of a check that does not say `every`."""
DEFAULT_TIMEOUT = 0.5
"""Seconds for one run of a check that does not say `timeout`, but never more than its interval."""


class Check(StrictModel):
    """One check: exactly one of the kind keys, and how its results count."""

    container: ContainerName | None = None
    """Name of a Docker container that must run."""
    tcp: TcpEndpoint | None = None
    """host:port that must accept a connection."""
    http: Url | None = None
    """URL that must answer: http://, https:// or unix:/path.sock:/uri."""
    icmp: HostAddress | None = None
    """Address that must answer an echo request."""
    link: InterfaceName | None = None
    """Interface that must be up with carrier."""
    process: Text | None = None
    """Name of a process that must run."""

    every: Seconds | None = None
    """Time between two runs, 50ms to 1h, default 1s; polled kinds only."""
    timeout: Seconds | None = None
    """Total time of one run, 10ms to 1m, default 500ms or `every` if that is less; polled kinds only."""
    rise: Whole = Field(default=2, ge=1, le=100)
    """Consecutive successes that bring a failed check up."""
    fall: Whole = Field(default=2, ge=1, le=100)
    """Consecutive failures that bring a check down."""
    weight: Whole | None = Field(default=None, ge=-253, le=253)
    """Negative: added to the priority while down; positive: while up. Absent: the check is required."""
    expect: Expect = Expect()
    """What the answer must be; http only."""
    verify: Flag = True
    """Verify the certificate; http with https:// only."""

    @property
    def interval(self) -> float:
        """Seconds between two runs, given or default; polled kinds only."""
        return DEFAULT_EVERY if self.every is None else self.every

    @property
    def deadline(self) -> float:
        """Seconds that one run may take, given or default; polled kinds only."""
        return min(DEFAULT_TIMEOUT, self.interval) if self.timeout is None else self.timeout

    @property
    def kind(self) -> str:
        """The one kind key that is set."""
        return next(k for k in KINDS if getattr(self, k) is not None)


POLLED = ("tcp", "http", "icmp")
"""Kinds that run every so often; the others are told by the kernel or by Docker."""
KINDS = ("container", *POLLED, "link", "process")


class Http(StrictModel):
    """The status server."""

    listen: TcpEndpoint = Endpoint("127.0.0.1", 9650)
    """Address and port of /metrics, /healthz, /readyz, /status.json."""


class Control(StrictModel):
    """The control socket."""

    socket: UnixPath = Path("/run/vip-sidecar/control.sock")
    """Path of the unix socket that the command line talks to."""


class Docker(StrictModel):
    """The Docker engine."""

    url: EngineUrl = "unix:///var/run/docker.sock"
    """unix:// or tcp:// address of the engine or of a proxy before it."""


class Log(StrictModel):
    """The log on stdout."""

    format: Literal["auto", "console", "json"] = "auto"
    """auto: console on a terminal, JSON otherwise."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is written."""


class Config(StrictModel):
    """The whole file."""

    node: Text
    """Name of this host in logs and status."""
    virtual_routers: dict[str, VirtualRouter] = Field(min_length=1)
    """Virtual routers by name."""
    sync_groups: dict[str, tuple[Text, ...]] = Field(default={})
    """Names of virtual routers that move together: all are MASTER on this host, or none is."""
    checks: dict[str, Check] = Field(default={})
    """Checks by name."""
    pools: dict[str, Pool] = Field(default={})
    """Upstreams of nginx by name, kept to the servers that pass."""
    http: Http = Http()
    """Status server."""
    control: Control = Control()
    """Control socket."""
    docker: Docker | None = None
    """Absent: no Docker feature is used."""
    log: Log = Log()
    """Log."""
