"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

The string under a field is its documentation. `scalars.py` owns the spelling of values, `load.py`
turns a file into this and owns all messages. Virtual routers are in `router_model.py`.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sidecar.config.check_scalars import (
    AbsolutePath,
    DnsName,
    DnsServer,
    Headers,
    HostHeader,
    Jitter,
    Lifetime,
    Pattern,
    Percent,
    PingTarget,
    ServerName,
    Spread,
    User,
)
from sidecar.config.container import Container
from sidecar.config.pool_model import Pool
from sidecar.config.router_model import VirtualRouter
from sidecar.config.scalars import (
    EngineUrl,
    Flag,
    Interface,
    Seconds,
    StatusRanges,
    TcpEndpoint,
    Text,
    UnixPath,
    Url,
    Whole,
)
from sidecar.config.strict_model import StrictModel
from sidecar.plan.check import EXPIRY_WARNING
from sidecar.plan.endpoints import Endpoint


class Expect(StrictModel):
    """What an HTTP answer must be."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: Text | None = None
    """Text that the first 64 KiB of the body must contain."""
    regex: Pattern | None = None
    """Regular expression (Python's) that must match somewhere in the first 64 KiB of the body."""


class Dns(StrictModel):
    """What a name server is asked."""

    server: DnsServer
    """Address of the name server, with a port unless that is 53."""
    name: DnsName
    """Name to ask for."""
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = "A"
    """Type of the records."""
    expect: tuple[Text, ...] = ()
    """Values that must all be among the answers, such as `10.0.0.1` or `10 mail.example.org`."""


DEFAULT_EVERY = 1.0
"""Seconds between two runs of a check that does not say `every`."""
DEFAULT_TIMEOUT = 0.5
"""Seconds for one run of a check that does not say `timeout`, but never more than its interval."""
MIN_MAX_AGE = 2.0
"""Seconds below which no result is called stale by default: a busy machine must not fail a fast check."""
DEFAULT_JITTER = Jitter(share=0.02)


class Check(StrictModel):
    """One check: exactly one of the kind keys, and how its results count."""

    container: Container | None = None
    """Docker container that must run: by name, or by labels; followed by its id when it is renamed."""
    tcp: TcpEndpoint | None = None
    """host:port that must accept a connection."""
    http: Url | None = None
    """URL that must answer: http://, https:// or unix:/path.sock:/uri."""
    nginx: Url | None = None
    """URL of nginx's stub_status."""
    icmp: PingTarget | None = None
    """Address that must answer an echo request; a link-local one with its interface, `fe80::1%eth0`."""
    dns: Dns | None = None
    """Question that a name server must answer."""
    file: AbsolutePath | None = None
    """Flag for maintenance: while this file exists the check fails. See `present`."""
    exec: tuple[Text, ...] | None = Field(default=None, min_length=1, max_length=64)
    """Program that must exit with 0: absolute path and arguments, no shell."""
    link: Interface | None = None
    """Interface that must be up with carrier: a name of it, or an address or network that it has."""
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
    on_fail: Literal["restart"] | None = None
    """`restart`: restart the container when its check goes down, within limits; container only."""
    jitter: Spread = DEFAULT_JITTER
    """How much later than its time a run may start, drawn anew for each; polled kinds only."""
    max_age: Seconds | None = None
    """Age at which a result is a failure, default 3 x every + timeout, at least 2s; polled kinds only."""
    expect: Expect = Expect()
    """What the answer must be; http only."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = "GET"
    """Method of the request, without a body; http only."""
    headers: Headers = Field(default={})
    """Further headers of the request; http only."""
    host: HostHeader | None = None
    """Host header, and name for TLS, instead of those of the URL; http only."""
    verify: Flag = True
    """Verify the certificate; http with https:// only."""
    sni: ServerName | None = None
    """Name that TLS asks for and verifies, default `host` or the host of the URL; http with https:// only."""
    ca: AbsolutePath | None = None
    """PEM file with the authorities to trust instead of the system's; http with https:// only."""
    cert_expiry_warning: Lifetime = EXPIRY_WARNING
    """Rest of the certificate's life below which it is warned of, never a failure; https:// only."""
    count: Whole = Field(default=1, ge=1, le=20)
    """Echo requests of one run; icmp only."""
    max_loss: Percent = Field(default=0, ge=0, le=99)
    """Percentage of them that may be lost; icmp only."""
    present: Flag = False
    """Turn it round: the check fails while the file does not exist; file only."""
    user: User | None = None
    """Whom the program runs as, default 65534 (nobody) if the sidecar is root; exec only."""
    workers: Whole = Field(default=1, ge=1, le=64)
    """Workers of this nginx; above 1, one of them that hangs is seen; nginx only."""
    max_active: Whole | None = Field(default=None, ge=1, le=1_000_000)
    """Most active connections; above, nginx is full; nginx only."""

    @property
    def interval(self) -> float:
        """Seconds between two runs, given or default; polled kinds only."""
        return DEFAULT_EVERY if self.every is None else self.every

    @property
    def deadline(self) -> float:
        """Seconds that one run may take, given or default; polled kinds only."""
        return min(DEFAULT_TIMEOUT, self.interval) if self.timeout is None else self.timeout

    @property
    def longest_jitter(self) -> float:
        """Most seconds by which a run starts late; polled kinds only."""
        return self.jitter.of(self.interval)

    @property
    def oldest(self) -> float | None:
        """Seconds after which a result is stale; None: event driven, never."""
        if self.kind not in POLLED:
            return None
        if self.max_age is not None:
            return self.max_age
        return max(MIN_MAX_AGE, 3 * self.interval + self.deadline)

    @property
    def kind(self) -> str:
        """The one kind key that is set."""
        return next(k for k in KINDS if getattr(self, k) is not None)


POLLED = ("tcp", "http", "nginx", "icmp", "dns", "file", "exec")
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
