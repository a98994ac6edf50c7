"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

The string under a field is its documentation. `values/` owns the spelling of values, `load.py`
turns a file into this. Virtual routers are in `router/`, checks in `check/`, pools in `pool/`.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SerializeAsAny

from sidecar.config.check.base import CheckModel
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.check_scalars import AbsolutePath
from sidecar.config.values.scalars import (
    EngineUrl,
    Flag,
    NodeUrl,
    TcpEndpoint,
    Text,
    UnixPath,
)
from sidecar.plan.endpoints import Endpoint


class Metrics(StrictModel):
    """The metrics."""

    keepalived_names: Flag = False
    """true: /metrics has the names of the common keepalived exporter, too."""


class Http(StrictModel):
    """The status server."""

    listen: TcpEndpoint = Endpoint("127.0.0.1", 9650)
    """Address and port of /metrics, /healthz, /readyz, /status, /status.json, /events.json, /explain.json,
    /alive."""


class Control(StrictModel):
    """The control socket."""

    socket: UnixPath = Path("/run/vip-sidecar/control.sock")
    """Path of the unix socket that the command line talks to."""


class State(StrictModel):
    """State that lasts from one process to the next: events."""

    dir: AbsolutePath | None = None
    """Folder of the observer's user, for at most 1 MiB. Absent: beside the control socket."""


class Docker(StrictModel):
    """The Docker engine."""

    url: EngineUrl = "unix:///var/run/docker.sock"
    """unix:// or tcp:// address of the engine or of a proxy before it."""


class Log(StrictModel):
    """The log on stdout."""

    format: Literal["auto", "console", "json", "logfmt"] = "auto"
    """auto: console on a terminal, JSON otherwise. logfmt: `key=value`, for journald ([log](log.md))."""
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
    checks: dict[str, SerializeAsAny[CheckModel]] = Field(default={})
    """Checks by name."""
    pools: dict[str, Pool] = Field(default={})
    """Upstreams of nginx by name, kept to the servers that pass."""
    nodes: tuple[NodeUrl, ...] = Field(default=(), max_length=16)
    """Status servers of all hosts that share the virtual routers, such as `http://10.77.0.12:9650`. `status`
    shows their state and says what differs. A host leaves itself out, so that one file serves all."""
    metrics: Metrics = Metrics()
    """Metrics."""
    http: Http = Http()
    """Status server."""
    control: Control = Control()
    """Control socket."""
    state: State = State()
    """State that lasts from one process to the next."""
    docker: Docker | None = None
    """Absent: no Docker feature is used."""
    log: Log = Log()
    """Log."""
