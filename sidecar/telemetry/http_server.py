"""An HTTP server for people and scrapers: threads beside the loop, which answer when the loop cannot.

A client gets five seconds in all and one of sixteen places; whoever comes later waits in the
kernel's queue. TCP and the control socket have places of their own: a crowd at the one cannot
keep the health check from the other. Streams have a few places besides those (`streams`).

It is a side service: where it cannot listen (the port is taken, the address comes later, the name does
not resolve), it says so and tries again, and the VIP is served meanwhile.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Protocol

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_message import Request, Response, encode, peer_of, receive, text
from sidecar.telemetry.listener import ControlInUse, ListenError, ListeningSocket, listen_tcp, listen_unix
from sidecar.telemetry.streams import StreamPlaces

PLACES: Final = 16
PATIENCE: Final = 5.0
_LINGER: Final = 0.5
_RETRY: Final = 0.1
LISTEN_RETRY: Final = 1.0
"""Seconds between two attempts to listen."""


class Notices(Protocol):
    """Hears what becomes of a server. `where` is what it was told to listen on. Called in its threads."""

    def refused(self, where: str, why: str, *, news: bool) -> None:
        """It cannot listen, and tries again; `news`: that has another cause than the last time."""

    def listening(self, where: str, name: str) -> None:
        """It listens, after it could not."""

    def unanswered(self, reason: str, error: Exception) -> None:
        """Somebody was not answered."""

    def ended(self, where: str) -> None:
        """It was stopped."""


class HttpServer:
    """Answers requests at one address from `start` to `stop`."""

    def __init__(
        self,
        where: Endpoint | Path,
        answer: Callable[[Request], Response],
        notices: Notices,
        patience: float = PATIENCE,
    ) -> None:
        """`answer` is called in many threads; what it raises is told, and the client gets 500."""
        self._where = where
        self._answer = answer
        self._notices = notices
        self._patience = patience
        self._places = threading.BoundedSemaphore(PLACES)
        self._stopping = threading.Event()
        self._streams = StreamPlaces(self._stopping, patience)
        self._listener: ListeningSocket | None = None
        self._opening = threading.Lock()
        self._told = ""
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The TCP port that is listened on; tells which one the kernel chose for port 0."""
        if self._listener is None:
            raise RuntimeError("the server is not started")
        return int(self._listener.socket.getsockname()[1])

    @property
    def where(self) -> Endpoint | Path:
        """The address that it was told to listen on."""
        return self._where

    def open(self) -> None:
        """Listen, and let who comes wait until `start`. Raises ListenError. A name may take seconds."""
        where = self._where
        self._listener = listen_tcp(where) if isinstance(where, Endpoint) else listen_unix(where)

    def start(self) -> None:
        """Serve, as soon as that is possible. Raises ControlInUse: another sidecar has the control socket."""
        # A name can take the resolver many seconds: only the thread waits for it.
        if self._listener is None and not _is_name(self._where):
            self._listen()
        self._thread = threading.Thread(target=self._run, name=f"http {_shown(self._where)}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more. Answers under way are not waited for."""
        self._stopping.set()
        with self._opening:
            if self._listener is not None:
                self._listener.close()
        if self._thread is not None:
            self._thread.join(2 * _RETRY)
        self._notices.ended(_shown(self._where))

    def _run(self) -> None:
        pause = 0.0 if _is_name(self._where) else LISTEN_RETRY
        while self._listener is None and not self._stopping.wait(pause):
            pause = LISTEN_RETRY
            try:
                self._listen()
            except ControlInUse as refused:
                # Too late to end for it: by now a VIP may be served.
                self._refused(str(refused))
        if self._listener is not None:
            self._serve(self._listener)

    def _listen(self) -> None:
        """Try to listen, and tell when that begins to fail and when it succeeds again."""
        where = self._where
        try:
            listener = listen_tcp(where) if isinstance(where, Endpoint) else listen_unix(where)
        except ControlInUse:
            raise
        except ListenError as refused:
            self._refused(str(refused))
            return
        with self._opening:
            self._listener = listener
            if self._stopping.is_set():
                listener.close()
        if self._told:
            self._told = ""
            self._notices.listening(_shown(where), listener.name)

    def _refused(self, why: str) -> None:
        news, self._told = why != self._told, why
        self._notices.refused(_shown(self._where), why, news=news)

    def _serve(self, listener: ListeningSocket) -> None:
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
                self._notices.unanswered("thread", error)
                connection.close()
                self._places.release()

    def _accept(self, listener: ListeningSocket) -> socket.socket | None:
        try:
            return listener.socket.accept()[0]
        except OSError as error:
            if not self._stopping.is_set():
                self._notices.unanswered("accept", error)
                # Out of file descriptors: accept would fail again at once, for ever.
                self._stopping.wait(_RETRY)
            return None

    def _converse(self, connection: socket.socket) -> None:
        deadline = time.monotonic() + self._patience
        with connection, suppress(OSError):  # The client left or never read: its loss alone.
            try:
                stream = self._reply(connection, deadline)
            finally:
                self._places.release()
            if stream is not None:
                self._go_on(connection, stream)

    def _reply(self, connection: socket.socket, deadline: float) -> Response | None:
        """Answer one request. Return an answer that goes on, which has a place then."""
        request = receive(connection, deadline)
        if request is None:
            return None
        if isinstance(request, Response):
            _send(connection, encode(request, with_body=True), deadline)
            _linger(connection)
            return None
        response = self._answered(replace(request, peer=peer_of(connection)))
        with_body = request.method != "HEAD"
        if with_body and response.chunks is not None:
            response = self._streams.admit(response)
            if response.chunks is not None:
                return response
        _send(connection, encode(response, with_body=with_body), deadline)
        return None

    def _go_on(self, connection: socket.socket, stream: Response) -> None:
        try:
            self._streams.serve(connection, stream)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - it is too late to say so to the client, who may ask again
            self._notices.unanswered("handler", error)

    def _answered(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001 - a broken page must break nothing but itself
            self._notices.unanswered("handler", error)
            return text(HTTPStatus.INTERNAL_SERVER_ERROR, "this page is broken; the log says why")


def _is_name(where: Endpoint | Path) -> bool:
    if isinstance(where, Path):
        return False
    try:
        ip_address(where.host)
    except ValueError:
        return True
    return False


def _shown(where: Endpoint | Path) -> str:
    return f"{where.host}:{where.port}" if isinstance(where, Endpoint) else str(where)


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    # The timeout of sendall is for all of the data.
    connection.settimeout(max(0.1, deadline - time.monotonic()))
    connection.sendall(data)


def _linger(connection: socket.socket) -> None:
    """Read what is still coming: closing with unread data would take the answer away from the client."""
    deadline = time.monotonic() + _LINGER
    connection.shutdown(socket.SHUT_WR)
    while (remaining := deadline - time.monotonic()) > 0:
        connection.settimeout(remaining)
        if not connection.recv(4096):
            return
