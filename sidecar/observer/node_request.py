"""One question for the status of a host of `nodes:`, unless it is this one."""

import socket
from ipaddress import IPv6Address, ip_address

from sidecar.checks.resolve import Resolver
from sidecar.observer.status_reader import bounded, read_status
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import NodeTold


def url(node: Endpoint) -> str:
    """Return how a node is written in the configuration."""
    host = f"[{node.host}]" if ":" in node.host else node.host
    return f"http://{host}:{node.port}"


def is_own(address: str) -> bool:
    """Whether an address is one of this host: then the kernel would send to it from itself.

    It is asked by a socket that sends nothing.
    """
    family = socket.AF_INET6 if isinstance(ip_address(address), IPv6Address) else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


async def ask(node: Endpoint, resolver: Resolver) -> NodeTold | None:
    """Return the status of a node; None: it is this host. Raises Unreadable."""
    async with bounded():
        addresses = await resolver.addresses(node.host)
        if any(is_own(address) for address in addresses):
            return None
        return await read_status(node, addresses, resolver)
