"""The status servers of a plan, and how others take their place.

The new ones listen before the old ones end, so that a port that is taken refuses a reload. Where both cannot
listen at a time (127.0.0.1 and 0.0.0.0 of one port), the old one has to make room for the attempt.
"""

from collections.abc import Callable
from pathlib import Path

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.listener import ListenError
from sidecar.telemetry.status_server import StatusServer

Where = Endpoint | Path
Make = Callable[[Where], StatusServer]


class StatusServers:
    """All status servers of one process. `make` makes one for a place. For one thread at a time."""

    def __init__(self, places: tuple[Where, ...], make: Make, refused: Callable[[str], None]) -> None:
        self._make = make
        self._refused = refused
        self._servers = [make(where) for where in places]
        self._opened: list[StatusServer] = []
        self._places = places

    def start(self) -> None:
        """Serve, as soon as that is possible."""
        for server in self._servers:
            self._start(server)

    def stop(self) -> None:
        """Listen no more."""
        self.abandon()
        for server in self._servers:
            server.stop()

    def open(self, places: tuple[Where, ...]) -> str:
        """Listen at those places that are new. Return why that cannot be; then nothing has changed."""
        self._places = places
        present = [server.where for server in self._servers]
        for where in places:
            if where in present:
                continue
            server = self._make(where)
            try:
                self._open(server)
            except ListenError as error:
                self.abandon()
                return str(error)
            self._opened.append(server)
        return ""

    def abandon(self) -> None:
        """Listen at the new places no more."""
        for server in self._opened:
            server.stop()
        self._opened = []
        self._places = tuple(server.where for server in self._servers)

    def commit(self) -> None:
        """Serve at the new places, and no more at those that are none any more."""
        for server in self._opened:
            self._start(server)
        for server in self._servers:
            if server.where not in self._places:
                server.stop()
        kept = [server for server in self._servers if server.where in self._places]
        self._servers, self._opened = [*kept, *self._opened], []

    def _open(self, server: StatusServer) -> None:
        """Have a new server listen, if need be after an old one of the same port has made room."""
        try:
            server.open()
        except ListenError:
            in_the_way = [old for old in self._servers if _same_port(old.where, server.where)]
            if not in_the_way:
                raise
            for old in in_the_way:
                old.stop()
            try:
                server.open()
            except ListenError:
                for old in in_the_way:
                    self._again(old)
                raise

    def _again(self, old: StatusServer) -> None:
        """Put a server that has made room back."""
        again = self._make(old.where)
        self._servers[self._servers.index(old)] = again
        self._start(again)

    def _start(self, server: StatusServer) -> None:
        try:
            server.start()
        except ListenError as refused:
            self._refused(str(refused))


def _same_port(one: Where, other: Where) -> bool:
    return isinstance(one, Endpoint) and isinstance(other, Endpoint) and one.port == other.port
