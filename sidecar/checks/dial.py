"""Opening a stream to a target: TCP by name or address, or a unix socket, with or without TLS."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidecar.checks.resolve import Resolver

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

READ_LIMIT: Final = 16 * 1024
"""Bytes that may wait unread in a stream; asyncio stops reading the socket at twice that."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Where to connect to."""

    host: str
    port: int
    resolver: Resolver
    unix_socket: Path | None = None

    async def open(self, tls: ssl.SSLContext | None = None) -> Streams:
        """Return open streams. Raise OSError, of which socket.gaierror and ssl.SSLError are kinds.

        A name with several addresses is tried in the resolver's order; the last error is raised.
        """
        if self.unix_socket is not None:
            return await asyncio.open_unix_connection(self.unix_socket, limit=READ_LIMIT)
        failure: OSError = OSError("the name has no address")
        for address in await self.resolver.addresses(self.host):
            try:
                return await asyncio.open_connection(
                    address,
                    self.port,
                    limit=READ_LIMIT,
                    ssl=tls,
                    server_hostname=self.host if tls else None,
                )
            except OSError as error:
                failure = error
        raise failure


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close at once: a probe has nothing left to say and must not wait for a target that does not read."""
    writer.transport.abort()
