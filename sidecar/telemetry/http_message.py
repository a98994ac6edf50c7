"""The little of HTTP/1.1 (RFC 9112) that a status server needs: one request, one answer, closed."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

MAX_REQUEST: Final = 8 * 1024
_END: Final = b"\r\n\r\n"
_PLAIN: Final = "text/plain; charset=utf-8"
_PARTS: Final = 3
_CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a unix socket, as the kernel knows it."""

    uid: int
    pid: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `query` is what stands behind the question mark, as it was sent."""

    method: str
    path: str
    accept: str = ""
    query: str = ""
    peer: Peer | None = None

    @property
    def by(self) -> str:
        """Words for who asks."""
        return "somebody" if self.peer is None else f"uid {self.peer.uid}"


Chunks = Callable[[Callable[[float], bool]], Iterator[bytes]]
"""Yields what is to be sent, until it ends. It is given what waits, and says when the server stops."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `allow` lists the methods of a path that refuses this one; chunks follow the body.

    `for_hosts`: other hosts follow the chunks, and not people. Both have places of their own.
    """

    status: HTTPStatus
    body: bytes
    content_type: str = _PLAIN
    allow: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    chunks: Chunks | None = None
    for_hosts: bool = False


def text(status: HTTPStatus, sentence: str, allow: tuple[str, ...] = ()) -> Response:
    """Return an answer for people."""
    return Response(status, f"{sentence}\n".encode(), allow=allow)


def receive(connection: socket.socket, deadline: float) -> Request | Response | None:
    """Return the request, the refusal of a bad one, or None when the peer went away.

    `deadline` is the monotonic time when patience ends, however slowly bytes drip in.
    """
    data = b""
    while _END not in data:
        if len(data) >= MAX_REQUEST:
            return text(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is longer than 8 KiB")
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return text(HTTPStatus.REQUEST_TIMEOUT, "the request took too long")
        connection.settimeout(remaining)
        try:
            more = connection.recv(MAX_REQUEST - len(data))
        except TimeoutError:
            continue
        except OSError:
            return None
        if not more:
            return None
        data += more
    return parse(data[: data.index(_END)])


def peer_of(connection: socket.socket) -> Peer | None:
    """Return who has connected, None over TCP."""
    if connection.family != socket.AF_UNIX:
        return None
    pid, uid, _ = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return Peer(uid, pid)


def parse(head: bytes) -> Request | Response:
    """Return what the bytes before the empty line say, or the refusal."""
    line, *fields = head.decode("latin-1").split("\r\n")
    parts = line.split(" ")
    if len(parts) != _PARTS or not parts[1].startswith("/") or not parts[2].startswith("HTTP/1."):
        return text(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request")
    accept = ""
    for field in fields:
        name, colon, value = field.partition(":")
        if not colon or not name or name != name.strip():
            return text(HTTPStatus.BAD_REQUEST, "a header field is malformed")
        if name.lower() == "accept":
            accept = value.strip()
    path, _, query = parts[1].partition("?")
    return Request(parts[0], path, accept, query)


def encode(response: Response, *, with_body: bool) -> bytes:
    """Return the bytes of an answer. Without the body it is the answer to HEAD."""
    fields = [
        f"HTTP/1.1 {response.status.value} {response.status.phrase}",
        f"Content-Type: {response.content_type}",
        *((f"Content-Length: {len(response.body)}",) if response.chunks is None else ()),
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    if response.allow:
        fields.append(f"Allow: {', '.join(response.allow)}")
    fields += [f"{name}: {value}" for name, value in response.headers]
    head = "\r\n".join(fields).encode() + _END
    return head + response.body if with_body else head
