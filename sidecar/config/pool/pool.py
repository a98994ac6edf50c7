"""One pool of the file: an upstream of nginx, its servers, and how a change reaches nginx."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.pool.check import PoolCheck
from sidecar.config.pool.reload import Reload
from sidecar.config.pool.server import PoolServer, as_servers
from sidecar.config.rules import Rule, named, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.pool_scalars import AbsolutePath, Directive, Parameter, UpstreamName
from sidecar.config.values.scalars import Seconds, TcpEndpoint
from sidecar.plan.endpoints import Endpoint

NO_PASSIVE_CHECKS: Final = "max_fails=0"
"""Parameter of a server that nginx itself never takes out."""
_TIMES: Final = {
    "slow_start": (0.0, 600.0, "0s to 10m"),
    "reload_every": (0.1, 3600.0, "100ms to 1h"),
}


@rule("slow_start", "reload_every")
def times(entry: Entry["Pool"]) -> Iterator[Finding]:
    """Times that can work."""
    for key, (least, most, text) in _TIMES.items():
        if not least <= getattr(entry.model, key) <= most:
            yield Finding((*entry.path, key), "pool-time", f"out of range; write {text}")


@rule("server_options")
def passive_checks(entry: Entry["Pool"]) -> Iterator[Finding]:
    """With passive checks any page that fails often enough takes a healthy server from everybody."""
    for index, word in enumerate(entry.model.server_options):
        if re.fullmatch(r"max_fails=0*[1-9][0-9]*", word):
            message = (
                "visitors can empty the upstream: one page that fails on every server takes all of them out; "
                "write max_fails=0, the probes decide who is out"
            )
            yield warning((*entry.path, "server_options", index), "pool-max-fails", message)


@rule()
def servers_once(entry: Entry["Pool"]) -> Iterator[Finding]:
    """Two entries of one server would go up and down together and double its weight in secret."""
    seen: set[Endpoint] = set()
    for index, server in entry.items("servers"):
        if server.address in seen:
            message = "this server is in the list already; write it once, with the weight that it should have"
            yield Finding((*entry.path, "servers", index), "server-twice", message)
        seen.add(server.address)


@rule("sorry", "token")
def addresses(entry: Entry["Pool"]) -> Iterator[Finding]:
    """An address for nginx is no name: one that does not resolve keeps nginx from starting."""
    for key in ("sorry", "token"):
        endpoint: Endpoint | None = getattr(entry.model, key)
        if endpoint is not None and not _is_address(endpoint.host):
            message = f"{quoted(endpoint.host)} is a name; write an address such as 127.0.0.1"
            yield Finding((*entry.path, key), "pool-address", message)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Pool(StrictModel):
    """One upstream of nginx, kept to the servers that pass."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        named("pool"),
        times,
        passive_checks,
        servers_once,
        addresses,
    )

    upstream: UpstreamName
    """Name of the upstream, as in `proxy_pass http://NAME`."""
    servers: Annotated[
        tuple[PoolServer, ...], BeforeValidator(as_servers), "list of host:port or mappings"
    ] = Field(min_length=1, max_length=256)
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
    server_options: tuple[Parameter, ...] = (NO_PASSIVE_CHECKS,)
    """Parameters of every server, and `max_fails=0` unless they have it: the probes decide who is out."""
