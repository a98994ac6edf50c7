"""A server that says the same to everybody."""

import socket
import threading
from contextlib import suppress
from typing import Final, Self

from sidecar.cli.fleet.poll import AT_ONCE
from sidecar.cli.fleet.targets import Target

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def at(port: int) -> Target:
    """What listens on this machine."""
    return Target("127.0.0.1", port, "", "lab")


class Answering:
    """It says what is in `says`, and ends the connection then or holds it. A context, or until `close`."""

    def __init__(self, says: bytes, *, holds: bool = False) -> None:
        self.says = says
        self.answered = 0
        self._holds = holds
        self._held: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=2 * AT_ONCE)
        self.target = at(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with suppress(OSError):
                connection.recv(4096)
                connection.sendall(self.says)
            self.answered += 1
            if self._holds:
                self._held.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Answer nobody any more. May be called again."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        for connection in self._held:
            connection.close()
