"""Services offered and used besides VRRP: status server, control socket, Docker engine, log, what lasts."""

from dataclasses import dataclass
from enum import StrEnum

from sidecar.plan.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Http:
    """The status server."""

    listen: Endpoint = Endpoint("127.0.0.1", 9650)


@dataclass(frozen=True, slots=True)
class Exposition:
    """The content of /metrics. `keepalived_names`: also the families of the common keepalived exporter."""

    keepalived_names: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """The control socket: path of a unix socket."""

    socket: str = "/run/vip-sidecar/control.sock"


@dataclass(frozen=True, slots=True)
class State:
    """State that lasts from one process to the next: a folder, None for the one beside the control socket."""

    dir: str | None = None


@dataclass(frozen=True, slots=True)
class Docker:
    """The Docker engine: unix:// or tcp:// address of it, or of a proxy before it."""

    url: str = "unix:///var/run/docker.sock"


class LogFormat(StrEnum):
    """How a line of the log is written. AUTO: for people on a terminal, JSON otherwise."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"
    LOGFMT = "logfmt"


class LogLevel(StrEnum):
    """Least severity that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Log:
    """The log on stdout."""

    format: LogFormat = LogFormat.AUTO
    level: LogLevel = LogLevel.INFO
