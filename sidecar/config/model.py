"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

The string under a field is its documentation. `scalars.py` owns the spelling of values, `load.py`
turns a file into this and owns all messages; nothing here reads a file or the environment.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
    VipInterface,
    Whole,
    whole,
)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Unicast(_Model):
    """Adverts to named peers instead of multicast."""

    source: HostAddress
    """Our own address on the interface."""
    peers: tuple[HostAddress, ...] = Field(min_length=1)
    """The other hosts; adverts of anybody else are dropped."""


class VirtualRouter(_Model):
    """One virtual router: a VRID on an interface and the addresses that move together."""

    interface: InterfaceName
    """Interface that carries the adverts and the VIPs."""
    vrid: Whole = Field(ge=1, le=255)
    """Virtual router id, the same on all hosts, unique on the LAN."""
    priority: Whole = Field(ge=1, le=255)
    """The highest priority serves; 255 marks the address owner."""
    addresses: tuple[VipInterface, ...] = Field(min_length=1, max_length=255)
    """The VIPs, all of one family."""
    advert_interval: Seconds = 1.0
    """Time between adverts, 10ms to 40.95s in steps of 10ms."""
    version: Annotated[Literal[3], BeforeValidator(whole)] = 3
    """VRRP version."""
    preempt: Flag = True
    """Take over from a master of lower priority."""
    preempt_delay: Seconds = 0.0
    """Time to follow a master of lower priority before taking over, 0s to 1000s."""
    unicast: Unicast | None = None
    """Absent: multicast."""
    v4_pseudo_header: Flag = True
    """IPv4 checksum with the pseudo-header, as keepalived and FRR do; false: as RFC 9568 says."""
    checks: tuple[Text, ...] | None = None
    """Names of the checks that decide for this router; absent: all."""


class Expect(_Model):
    """What an HTTP answer must be."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: Text | None = None
    """Text that the first 64 KiB of the body must contain."""


DEFAULT_EVERY = 1.0
"""Seconds between two runs of a check that does not say `every`."""
DEFAULT_TIMEOUT = 0.5
"""Seconds for one run of a check that does not say `timeout`, but never more than its interval."""


class Check(_Model):
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


class Http(_Model):
    """The status server."""

    listen: TcpEndpoint = Endpoint("127.0.0.1", 9650)
    """Address and port of /metrics, /healthz, /readyz, /status.json."""


class Control(_Model):
    """The control socket."""

    socket: UnixPath = Path("/run/vip-sidecar/control.sock")
    """Path of the unix socket that the command line talks to."""


class Docker(_Model):
    """The Docker engine."""

    url: EngineUrl = "unix:///var/run/docker.sock"
    """unix:// or tcp:// address of the engine or of a proxy before it."""


class Log(_Model):
    """The log on stdout."""

    format: Literal["auto", "console", "json"] = "auto"
    """auto: console on a terminal, JSON otherwise."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is written."""


class Config(_Model):
    """The whole file."""

    node: Text
    """Name of this host in logs and status."""
    virtual_routers: dict[str, VirtualRouter] = Field(min_length=1)
    """Virtual routers by name."""
    checks: dict[str, Check] = {}
    """Checks by name."""
    http: Http = Http()
    """Status server."""
    control: Control = Control()
    """Control socket."""
    docker: Docker | None = None
    """Absent: no Docker feature is used."""
    log: Log = Log()
    """Log."""
