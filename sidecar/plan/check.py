"""The checks: one dataclass for each kind, with what its probe needs.

A kind is named by its key in the configuration. `sidecar.checks` has a module of that name with its probe.
"""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar, Final, get_args

from sidecar.plan.container import ContainerSelection
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.request import Expect, Header, Method

EXPIRY_WARNING: Final = 14 * 86400.0
"""Seconds before its end at which a certificate is warned of, unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class Check:
    """The common base of all kinds: consecutive results that change the verdict."""

    kind: ClassVar[str]
    name: str
    _: KW_ONLY
    rise: int = 2
    fall: int = 2


@dataclass(frozen=True, slots=True)
class PolledCheck(Check):
    """A check that runs every so often. `jitter`: the most seconds by which a run starts late."""

    _: KW_ONLY
    every: float = 1.0
    timeout: float = 0.5
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class ContainerCheck(Check):
    """A Docker container runs. `restart`: it is restarted when the check goes down."""

    kind: ClassVar[str] = "container"
    container: ContainerSelection
    restart: bool = False


@dataclass(frozen=True, slots=True)
class TcpCheck(PolledCheck):
    """A connection opens."""

    kind: ClassVar[str] = "tcp"
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class HttpCheck(PolledCheck):
    """A request is answered as expected.

    `host` replaces the Host header, `sni` the name that TLS asks for and verifies, `ca` (a PEM file) the
    system's authorities. `expiry_warning` in seconds.
    """

    kind: ClassVar[str] = "http"
    url: HttpUrl
    expect: Expect = Expect()
    method: Method = Method.GET
    headers: tuple[Header, ...] = ()
    host: str | None = None
    verify: bool = True
    sni: str | None = None
    ca: str | None = None
    expiry_warning: float = EXPIRY_WARNING


@dataclass(frozen=True, slots=True)
class NginxCheck(PolledCheck):
    """The stub_status of nginx answers. `max_active`: connections above which nginx is full."""

    kind: ClassVar[str] = "nginx"
    url: HttpUrl
    workers: int = 1
    max_active: int | None = None


@dataclass(frozen=True, slots=True)
class IcmpCheck(PolledCheck):
    """Of `count` echo requests, at most `max_loss` percent are lost."""

    kind: ClassVar[str] = "icmp"
    target: IPv4Address | IPv6Address
    count: int = 1
    max_loss: int = 0


class RecordType(StrEnum):
    """Types of DNS records that can be asked for."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    MX = "MX"
    NS = "NS"
    PTR = "PTR"
    SOA = "SOA"
    SRV = "SRV"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class DnsCheck(PolledCheck):
    """A name server answers with all of `expect`; empty: with any record."""

    kind: ClassVar[str] = "dns"
    server: Endpoint
    query: str
    record: RecordType = RecordType.A
    expect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileCheck(PolledCheck):
    """The file at `path` is absent, or with `present` it exists."""

    kind: ClassVar[str] = "file"
    path: str
    present: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that a program runs as."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True, slots=True)
class ExecCheck(PolledCheck):
    """A program exits with 0. `user` None: the user of the process that runs checks."""

    kind: ClassVar[str] = "exec"
    argv: tuple[str, ...]
    user: Identity | None = None


@dataclass(frozen=True, slots=True)
class LinkCheck(Check):
    """An interface is up with carrier. It is chosen by its name, or by an address or network that it has."""

    kind: ClassVar[str] = "link"
    interface: str


@dataclass(frozen=True, slots=True)
class ProcessCheck(Check):
    """A process of this name runs."""

    kind: ClassVar[str] = "process"
    process: str


AnyCheck = (
    ContainerCheck
    | TcpCheck
    | HttpCheck
    | NginxCheck
    | IcmpCheck
    | DnsCheck
    | FileCheck
    | ExecCheck
    | LinkCheck
    | ProcessCheck
)
KINDS: Final[tuple[str, ...]] = tuple(each.kind for each in get_args(AnyCheck))
"""The names of all kinds, in the order in which messages and documents list them."""
