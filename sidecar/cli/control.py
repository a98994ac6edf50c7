"""Asking a running sidecar through its control socket. Imports little: the health check waits for it."""

import os
import socket
import time

TIMEOUT = 2.0
SOCKET = "/run/vip-sidecar/control.sock"
_LIMIT = 4 * 1024 * 1024


class Unreachable(Exception):  # noqa: N818 - it is a state of affairs
    """No sidecar answers at the socket; the text says why and what to do."""


class HungUp(Unreachable):
    """The sidecar was asked, and its observer has ended before it answered."""


def socket_path() -> str:
    """Return the path of the control socket when none is given on the command line."""
    return os.environ.get("VIP_SIDECAR_SOCKET") or SOCKET


def get(path: str, target: str, timeout: float = TIMEOUT) -> tuple[int, bytes]:
    """Return status and body of a GET. Raises Unreachable, at the latest after `timeout` seconds."""
    return request(path, "GET", target, timeout)


def request(path: str, method: str, target: str, timeout: float) -> tuple[int, bytes]:
    """Return status and body of a request. Raises Unreachable, at the latest after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            _connect(connection, path)
            connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: sidecar\r\n\r\n".encode())
            reply = _read(connection, deadline)
    except OSError as error:
        raise Unreachable(f"no sidecar answers at {path}: {error.strerror or error}") from error
    if not reply:
        raise HungUp(f"the sidecar at {path} has ended the connection without an answer")
    head, end, body = reply.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if not end or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004 - version and status code
        raise Unreachable(f"what answers at {path} is no sidecar")
    return int(words[1]), body


def _connect(connection: socket.socket, path: str) -> None:
    """Connect, as the owner of the socket if nobody else may: root may not without CAP_DAC_OVERRIDE."""
    try:
        connection.connect(path)
    except PermissionError as refused:
        owner = os.stat(path).st_uid  # noqa: PTH116 - the health check waits for what is imported
        if owner == os.geteuid():
            raise
        try:
            os.seteuid(owner)
        except PermissionError:
            raise refused from None
        connection.connect(path)


def _read(connection: socket.socket, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while size < _LIMIT:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(65536)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)
