"""One pool of the file: an upstream of nginx, its servers, and how a change reaches nginx."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sidecar.config.strict_model import StrictModel
from sidecar.config.values.check_scalars import (
    Headers,
    HostHeader,
    ServerName,
)
from sidecar.config.values.container import Container
from sidecar.config.values.pool_scalars import (
    AbsolutePath,
    Directive,
    Parameter,
    UpstreamName,
    UriPath,
)
from sidecar.config.values.scalars import (
    Flag,
    Seconds,
    StatusRanges,
    TcpEndpoint,
    Text,
    Whole,
)
from sidecar.plan.endpoints import Endpoint

DEFAULT_EVERY = 1.0
"""Seconds between two probes of a server of a pool that does not say `every`."""
DEFAULT_TIMEOUT = 0.5
"""Seconds for one probe of a pool that does not say `timeout`, but never more than `every`."""


class PoolServer(StrictModel):
    """One server: host:port alone, or with its weight."""

    address: TcpEndpoint
    """Address or name, and port. A name stands for all addresses that it resolves to."""
    weight: Whole = Field(default=1, ge=1, le=100)
    """Share of the requests, relative to the others."""


class PoolExpect(StrictModel):
    """What the answer of a server must be."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: Text | None = None
    """Text that the first 64 KiB of the body must contain."""


class PoolCheck(StrictModel):
    """How each server is probed, in layers: icmp, then tcp, then http. The first layer that fails decides."""

    icmp: Flag = False
    """Ask the host for an echo reply first; tells a dead host from a dead server."""
    tcp: Flag = True
    """Connect to the port."""
    http: UriPath | None = None
    """Path to ask for, such as /healthz."""
    scheme: Literal["http", "https"] = "http"
    """How it is asked for; write what `proxy_pass` has."""
    port: Whole | None = Field(default=None, ge=1, le=65535)
    """Port to ask for it, default that of the server; `tcp` connects to the server's own all the same."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = "GET"
    """Method of the request, without a body."""
    host: HostHeader | None = None
    """Host header, default address:port of the server; write what nginx sends (`proxy_set_header Host`)."""
    headers: Headers = Field(default={})
    """Further headers of the request."""
    verify: Flag = False
    """Verify the certificate; off by default, as `proxy_ssl_verify` is; https only."""
    sni: ServerName | None = None
    """Name that TLS asks for and verifies, default `host`; https only."""
    ca: AbsolutePath | None = None
    """PEM file with the authorities to trust instead of the system's; https with `verify` only."""
    every: Seconds | None = None
    """Time between two probes of a server, 50ms to 1h, default 1s."""
    timeout: Seconds | None = None
    """Total time of one probe over all layers, 10ms to 1m, default 500ms or `every` if that is less."""
    rise: Whole = Field(default=2, ge=1, le=100)
    """Consecutive successes that bring a failed server back."""
    fall: Whole = Field(default=2, ge=1, le=100)
    """Consecutive failures that take a server out."""
    expect: PoolExpect = PoolExpect()
    """What the answer must be; with `http` only."""

    @property
    def interval(self) -> float:
        """Seconds between two probes, given or default."""
        return DEFAULT_EVERY if self.every is None else self.every

    @property
    def deadline(self) -> float:
        """Seconds that one probe may take, given or default."""
        return min(DEFAULT_TIMEOUT, self.interval) if self.timeout is None else self.timeout


class Reload(StrictModel):
    """Which nginx loads the file, and how it is told: exactly one of `container` and `pid_file`."""

    container: Container | None = None
    """Docker container whose first process is nginx; tested by exec, told by HUP through the engine."""
    pid_file: AbsolutePath | None = None
    """The `pid` file of an nginx whose processes the sidecar sees; told by HUP."""
    test: tuple[Text, ...] = ("nginx", "-t")
    """Program and arguments that check the whole configuration of nginx; `[]`: only nginx itself does."""
    timeout: Seconds = 5.0
    """Time for nginx to serve the new generation, and for the test, 100ms to 5m."""


def _server(value: object) -> object:
    return value if isinstance(value, dict | list | PoolServer) else {"address": value}


def _servers(value: Any) -> object:
    return [_server(item) for item in value] if isinstance(value, list) else value


class Pool(StrictModel):
    """One upstream of nginx, kept to the servers that pass."""

    upstream: UpstreamName
    """Name of the upstream, as in `proxy_pass http://NAME`."""
    servers: Annotated[tuple[PoolServer, ...], BeforeValidator(_servers), "list of host:port or mappings"] = (
        Field(min_length=1, max_length=256)
    )
    """The servers."""
    check: PoolCheck = PoolCheck()
    """How each server is probed."""
    file: AbsolutePath
    """File that the sidecar writes and nginx includes in its `http` block; its folder must be shared."""
    reload: Reload
    """Which nginx loads it, and how it is told."""
    slow_start: Seconds = 10.0
    """Time over which a server that returns gets its full weight, 0s to 10m; 0s: at once."""
    sorry: TcpEndpoint | None = None
    """Server that gets all requests while none passes; absent: then all servers get them."""
    token: TcpEndpoint = Endpoint("127.0.0.1", 9651)
    """Where nginx proves to the sidecar which generation it serves; pools of one nginx share it."""
    reload_every: Seconds = 5.0
    """Least time between two reloads in the long run, 100ms to 1h; four may follow each other at once."""
    options: tuple[Directive, ...] = ()
    """Further lines of the upstream, such as `least_conn` and `keepalive 16`."""
    server_options: tuple[Parameter, ...] = ("max_fails=0",)
    """Parameters of every server; the default leaves it to the probes, and not to visitors, who is out."""
