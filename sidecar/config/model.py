"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

The string under a field is its documentation. `scalars.py` owns the spelling of values, `load.py`
turns a file into this and owns all messages; nothing here reads a file or the environment.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sidecar.config.scalars import (
    Endpoint,
    HostAddress,
    HttpUrl,
    Seconds,
    StatusRanges,
    UnixPath,
    VipInterface,
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

    interface: str
    """Interface that carries the adverts and the VIPs."""
    vrid: int = Field(ge=1, le=255)
    """Virtual router id, the same on all hosts, unique on the LAN."""
    priority: int = Field(ge=1, le=255)
    """The highest priority serves; 255 marks the address owner."""
    addresses: tuple[VipInterface, ...] = Field(min_length=1, max_length=255)
    """The VIPs, all of one family."""
    advert_interval: Seconds = 1.0
    """Seconds between adverts, 10 ms to 40.95 s in steps of 10 ms."""
    version: Literal[3] = 3
    """VRRP version."""
    preempt: bool = True
    """Take over from a master of lower priority."""
    preempt_delay: Seconds = 0.0
    """Seconds to follow a master of lower priority before taking over, 0 to 1000."""
    unicast: Unicast | None = None
    """Absent: multicast."""
    v4_pseudo_header: bool = True
    """IPv4 checksum with the pseudo-header, as keepalived and FRR do; false: as RFC 9568 says."""
    checks: tuple[str, ...] | None = None
    """Names of the checks that decide for this router; absent: all."""


class Expect(_Model):
    """What an HTTP answer must be."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: str | None = None
    """Text that the first 64 KiB of the body must contain."""


class Check(_Model):
    """One check: exactly one of the kind keys, and how its results count."""

    container: str | None = None
    """Name of a Docker container that must run."""
    tcp: Endpoint | None = None
    """host:port that must accept a connection."""
    http: HttpUrl | None = None
    """URL that must answer: http://, https:// or unix:/path.sock:/uri."""
    icmp: HostAddress | None = None
    """Address that must answer an echo request."""
    link: str | None = None
    """Interface that must be up with carrier."""
    process: str | None = None
    """Name of a process that must run."""

    every: Seconds | None = None
    """Seconds between two runs; polled kinds only."""
    timeout: Seconds | None = None
    """Seconds after which a run has failed: the total of all its phases; polled kinds only."""
    rise: int = Field(default=2, ge=1, le=100)
    """Consecutive successes that bring a failed check up."""
    fall: int = Field(default=2, ge=1, le=100)
    """Consecutive failures that bring a check down."""
    weight: int | None = Field(default=None, ge=-253, le=253)
    """Added to the priority while the check is down. Absent: the check is required."""
    expect: Expect = Expect()
    """HTTP only."""
    verify: bool = True
    """HTTPS only: verify the certificate."""

    @property
    def kind(self) -> str:
        """The one kind key that is set."""
        return next(k for k in KINDS if getattr(self, k) is not None)


POLLED = ("tcp", "http", "icmp")
"""Kinds that run every so often; the others are told by the kernel or by Docker."""
KINDS = ("container", *POLLED, "link", "process")


class Http(_Model):
    """The status server."""

    listen: Endpoint = Endpoint("127.0.0.1", 9650)
    """Address and port of /metrics, /healthz, /readyz, /status.json."""


class Control(_Model):
    """The control socket."""

    socket: UnixPath = UnixPath("/run/vip-sidecar/control.sock")
    """Path of the unix socket that the command line talks to."""


class Docker(_Model):
    """The Docker engine."""

    url: str = "unix:///var/run/docker.sock"
    """unix:// or tcp:// address of the engine or of a proxy before it."""


class Log(_Model):
    """The log on stdout."""

    format: Literal["auto", "console", "json"] = "auto"
    """auto: console on a terminal, JSON otherwise."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is written."""


class Config(_Model):
    """The whole file."""

    node: str
    """Name of this host in logs and status; default: the host name."""
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
