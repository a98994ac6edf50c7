"""The status server: threads beside the loop, which answer when the loop cannot.

A client gets five seconds in all and one of sixteen places; whoever comes later waits in the
kernel's queue. TCP and the control socket have places of their own: a crowd at the one cannot
keep the health check from the other.
"""

import socket
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.config.scalars import Endpoint
from sidecar.telemetry.board import Board
from sidecar.telemetry.http_message import Request, Response, encode, receive, text
from sidecar.telemetry.listener import Listener, listen_tcp, listen_unix
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Routes, Site, respond

PLACES: Final = 16
PATIENCE: Final = 5.0
_FAREWELL: Final = 0.5
_RETRY: Final = 0.1


class StatusServer:
    """Serves the routes at one address from `start` to `stop`."""

    def __init__(
        self,
        where: Endpoint | Path,
        board: Board,
        metrics: Metrics,
        log: FilteringBoundLogger,
        routes: Routes = READ_ONLY,
        patience: float = PATIENCE,
    ) -> None:
        self._where = where
        self._site = Site(board, metrics)
        self._metrics = metrics
        self._log = log
        self._routes = routes
        self._patience = patience
        self._places = threading.BoundedSemaphore(PLACES)
        self._stopping = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The TCP port that is listened on; tells which one the kernel chose for port 0."""
        if self._listener is None:
            raise RuntimeError("the server is not started")
        return int(self._listener.socket.getsockname()[1])

    def start(self) -> None:
        """Listen and serve. Raises ListenError."""
        where = self._where
        self._listener = listen_tcp(where) if isinstance(where, Endpoint) else listen_unix(where)
        self._thread = threading.Thread(
            target=self._serve, args=(self._listener,), name=f"http {self._listener.name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Listen no more. Answers under way are not waited for."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.close()
        if self._thread is not None:
            self._thread.join(2 * _RETRY)

    def _serve(self, listener: Listener) -> None:
        while not self._stopping.is_set():
            if not self._places.acquire(timeout=_RETRY):
                continue
            connection = self._accept(listener)
            if connection is None:
                self._places.release()
                continue
            try:
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()
            except RuntimeError as error:
                self._trouble("thread", error)
                connection.close()
                self._places.release()

    def _accept(self, listener: Listener) -> socket.socket | None:
        try:
            return listener.socket.accept()[0]
        except OSError as error:
            if not self._stopping.is_set():
                self._trouble("accept", error)
                # Out of file descriptors: accept would fail again at once, for ever.
                self._stopping.wait(_RETRY)
            return None

    def _converse(self, connection: socket.socket) -> None:
        deadline = time.monotonic() + self._patience
        try:
            with connection:
                request = receive(connection, deadline)
                if request is None:
                    return
                response = request if isinstance(request, Response) else self._answer(request)
                with_body = not (isinstance(request, Request) and request.method == "HEAD")
                _send(connection, encode(response, with_body=with_body), deadline)
                if isinstance(request, Response):
                    _linger(connection)
        except OSError:
            # The client left or never read: its loss alone.
            return
        finally:
            self._places.release()

    def _answer(self, request: Request) -> Response:
        try:
            return respond(request, self._site, self._routes)
        except Exception as error:  # noqa: BLE001 - a broken page must break nothing but itself
            self._trouble("handler", error)
            return text(HTTPStatus.INTERNAL_SERVER_ERROR, "this page is broken; the log says why")

    def _trouble(self, reason: str, error: Exception) -> None:
        self._metrics.error("http", reason)
        self._log.warning("warning", component="http", reason=reason, detail=repr(error))


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    # The timeout of sendall is for all of the data.
    connection.settimeout(max(0.1, deadline - time.monotonic()))
    connection.sendall(data)


def _linger(connection: socket.socket) -> None:
    """Read what is still coming: closing with unread data would take the answer away from the client."""
    deadline = time.monotonic() + _FAREWELL
    connection.shutdown(socket.SHUT_WR)
    while (remaining := deadline - time.monotonic()) > 0:
        connection.settimeout(remaining)
        if not connection.recv(4096):
            return
