"""Answers that do not end: a few places of their own, so that nobody who asks once waits for them."""

import socket
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from sidecar.telemetry.http_message import Response, encode, text

STREAMS: Final = 4
HOST_STREAMS: Final = 16
"""Streams of other hosts: as many as a configuration may name, and none of them takes a place from people."""
_BUFFER: Final = 64 * 1024
"""Bytes that the kernel may keep for a client that reads slowly."""


class StreamPlaces:
    """The places, for the threads of one server."""

    def __init__(self, stopping: threading.Event, patience: float) -> None:
        """`patience`: seconds in which a client must have taken a chunk."""
        self._stopping = stopping
        self._patience = patience
        self._places = threading.BoundedSemaphore(STREAMS)
        self._host_places = threading.BoundedSemaphore(HOST_STREAMS)

    def admit(self, response: Response) -> Response:
        """Take a place, which `serve` gives back, and return the answer; without a place return a refusal."""
        if self._of(response).acquire(blocking=False):
            return response
        most = HOST_STREAMS if response.for_hosts else STREAMS
        refusal = text(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"{most} streams are open, and there is no room for more: ask for /status again and again",
        )
        return replace(refusal, headers=(("Retry-After", "30"),))

    def serve(self, connection: socket.socket, response: Response) -> None:
        """Send an answer and what follows it. Raises OSError when the client is gone or too slow."""
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            connection.settimeout(self._patience)
            connection.sendall(encode(response, with_body=True))
            for chunk in response.chunks(self._stopping.wait) if response.chunks else ():
                # The timeout is for all of a chunk.
                connection.sendall(chunk)
        finally:
            self._of(response).release()

    def _of(self, response: Response) -> threading.BoundedSemaphore:
        return self._host_places if response.for_hosts else self._places
