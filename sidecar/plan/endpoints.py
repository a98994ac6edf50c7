"""Where to connect: endpoints and URLs."""

from dataclasses import dataclass


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
    unix_socket: str | None = None
