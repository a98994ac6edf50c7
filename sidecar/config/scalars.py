"""How scalar values are spelled in the file, and what they become."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path
from typing import Annotated

HostAddress = IPv4Address | IPv6Address
VipInterface = IPv4Interface | IPv6Interface
Seconds = Annotated[float, "seconds"]
StatusRanges = tuple[tuple[int, int], ...]
UnixPath = Path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP endpoint. `host` is a name or an address, without brackets."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """Where and what to ask. `unix_socket` is set for unix:/path.sock:/uri."""

    tls: bool
    host: str
    port: int
    target: str
    unix_socket: Path | None = None
