"""One question for the status of another host: bounded in time by the caller, in size here."""

import socket
from ipaddress import IPv6Address, ip_address
from typing import Final

from sidecar.checks.dial import READ_LIMIT, Dial, hang_up
from sidecar.checks.http import request
from sidecar.checks.http_reply import HttpReply
from sidecar.checks.resolve import Resolver
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.telemetry.node_document import NodeTold, Unreadable, read

LARGEST: Final = 1024 * 1024
"""Bytes of a status document that are read. One router with one VIP and three checks takes 3 KB."""
_OK: Final = 200


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
    """Return the status of a node; None: it is this host. Raises OSError or Unreadable."""
    addresses = await resolver.addresses(node.host)
    if any(is_own(address) for address in addresses):
        return None
    return read(await _body(node, addresses, resolver))


async def _body(node: Endpoint, addresses: tuple[str, ...], resolver: Resolver) -> bytes:
    failure: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            reader, writer = await Dial(address, node.port, resolver).open()
        except OSError as error:
            failure = error
            continue
        try:
            writer.write(request(HttpUrl(False, node.host, node.port, "/status.json")))
            reply = HttpReply(most=LARGEST)
            while not reply.complete and reply.fault is None:
                if data := await reader.read(READ_LIMIT):
                    reply.feed(data)
                else:
                    reply.end()
        finally:
            hang_up(writer)
        return _content(reply)
    raise failure


def _content(reply: HttpReply) -> bytes:
    if reply.fault is not None:
        raise Unreadable(f"the answer is no status: {reply.fault}")
    if reply.status != _OK:
        raise Unreadable(f"the answer has status {reply.status}")
    if len(reply.body) >= LARGEST:
        raise Unreadable(f"the answer is longer than {LARGEST} bytes")
    return bytes(reply.body)
