"""One server of a pool."""

from typing import Any

from pydantic import Field

from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import TcpEndpoint, Whole


class PoolServer(StrictModel):
    """One server: host:port alone, or with its weight."""

    address: TcpEndpoint
    """Address or name, and port. A name stands for all addresses that it resolves to."""
    weight: Whole = Field(default=1, ge=1, le=100)
    """Share of the requests, relative to the others."""


def as_servers(value: Any) -> object:
    """A list of servers, each as a mapping."""
    return [_server(item) for item in value] if isinstance(value, list) else value


def _server(value: object) -> object:
    return value if isinstance(value, dict | list | PoolServer) else {"address": value}
