"""Opening a stream to a target: TCP by name or address, or a unix socket, with or without TLS."""

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sidecar.checks import os_errors
from sidecar.checks.probe import ProbeProgress
from sidecar.checks.resolve import Resolver

if TYPE_CHECKING:
    import ssl

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

READ_LIMIT: Final = 16 * 1024
"""Bytes that may wait unread in a stream; asyncio stops reading the socket at twice that."""

PHASES: Final = ("lookup", "connect", "tls")
"""The phases of opening: the names in `ProbeProgress.took`."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Where to connect to. `server_name` is what TLS asks for and verifies; None: the host."""

    host: str
    port: int
    resolver: Resolver
    unix_socket: str | None = None
    server_name: str | None = None

    async def open(self, tls: "ssl.SSLContext | None" = None, phase: ProbeProgress | None = None) -> Streams:
        """Return open streams. Raise OSError, of which socket.gaierror and ssl.SSLError are kinds.

        A name with several addresses is tried in the resolver's order; the error that says most is raised. A
        run that the end of a connection has prompted asks the addresses of that moment; the next one looks
        them up.
        """
        phase = ProbeProgress() if phase is None else phase
        clock = asyncio.get_running_loop().time
        started = clock()
        if self.unix_socket is not None:
            phase.reached = "not connected"
            streams = await asyncio.open_unix_connection(self.unix_socket, limit=READ_LIMIT)
            phase.took["connect"] = clock() - started
            return streams
        phase.reached = f"the name {self.host} was not looked up"
        # A name server that is slow must not stand between the death of a target and the news of it.
        known = self.resolver.known(self.host) if phase.prompted else None
        addresses = known or await self.resolver.addresses(self.host)
        if not known and addresses != (self.host,):
            phase.took["lookup"] = clock() - started
        connected = await self._connect(addresses, phase)
        if tls is None:
            return await asyncio.open_connection(sock=connected, limit=READ_LIMIT)
        phase.reached = "connected, no TLS handshake"
        started = clock()
        # Neither SNI (RFC 6066 section 3) nor certificates have a final dot or the zone of an address.
        name = (self.server_name or self.host).partition("%")[0].removesuffix(".")
        streams = await asyncio.open_connection(
            sock=connected, limit=READ_LIMIT, ssl=tls, server_hostname=name
        )
        phase.took["tls"] = clock() - started
        return streams

    async def _connect(self, addresses: tuple[str, ...], phase: ProbeProgress) -> socket.socket:
        loop = asyncio.get_running_loop()
        started = loop.time()
        phase.reached = "not connected"
        failures: list[OSError] = []
        for address in addresses:
            try:
                opened = await _connected(address, self.port)
            except OSError as error:
                failures.append(error)
            else:
                phase.took["connect"] = loop.time() - started
                return opened
        raise os_errors.most_telling(failures or [OSError("the name has no address")])


async def _connected(address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:
        opened.close()
        raise
    return opened


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close at once: a probe has nothing left to say and must not wait for a target that does not read."""
    writer.transport.abort()
