"""Parameters of the decision about a pool."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


def at(host: str, port: int) -> str:
    """Return host and port as nginx writes them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split(address: str) -> tuple[str, int]:
    """Return host and port of what `at` has put together."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class ServerParams:
    """One server of the file: an address, or a name that stands for every address it resolves to."""

    host: str
    port: int
    weight: int = 1

    @property
    def literal(self) -> str | None:
        """The address, if the host is one; None: it is a name."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return None
        return address.compressed if isinstance(address, IPv6Address) else str(address)

    @property
    def name(self) -> str:
        """How people and labels call it."""
        return at(self.host, self.port)


@dataclass(frozen=True, slots=True)
class PoolParams:
    """One upstream of nginx. Times are seconds; `sorry` and `token` are host:port as nginx writes them."""

    name: str
    upstream: str
    servers: tuple[ServerParams, ...]
    rise: int = 2
    fall: int = 2
    max_age: float | None = None
    slow_start: float = 10.0
    sorry: str | None = None
    token: str = "127.0.0.1:9651"
    options: tuple[str, ...] = ()
    server_options: tuple[str, ...] = ()
    reload_every: float = 5.0

    def __post_init__(self) -> None:
        """Load what marks files now, and not with the first one. Without a pool OpenSSL is not loaded."""
        import hashlib  # noqa: F401, PLC0415

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that must be resolved, each once."""
        return tuple(dict.fromkeys(server.host for server in self.servers if server.literal is None))
