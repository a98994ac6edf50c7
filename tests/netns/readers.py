"""Clients of the status page, many at once: those who want it live, and those who ask and do not read."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import STATUS_PORT

_AGAIN: Final = 2.0
"""Seconds after which a page that has no stream asks again, as its script does."""
_PATIENCE: Final = 20.0
_STEPS: Final = 20
_UNREAD: Final = 4
"""How many times as long an answer is left unread: longer than the server waits for it."""
_FULL: Final = 2048
"""Bytes that a reader who does not read takes into its buffer: the kernel's least."""


def ask(namespace: Namespace, path: str, *, full: bool = False) -> socket.socket:
    """Return a connection that has asked, and has read nothing yet; `full`: its buffer is small."""
    with namespace.network():
        connection = socket.socket()
    connection.settimeout(_PATIENCE)
    if full:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _FULL)
    connection.connect(("127.0.0.1", STATUS_PORT))
    connection.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    return connection


class _Crowd:
    def __init__(self, namespace: Namespace, streams: int, slow: int) -> None:
        self._namespace = namespace
        self.live = [ask(namespace, "/status/stream") for _ in range(streams)]
        self.slow = [ask(namespace, "/status", full=True) for _ in range(slow)]
        self.asked = streams + slow

    def step(self, number: int) -> None:
        """Renew a part of the connections: all of them within some seconds."""
        for each in range(number % _STEPS, len(self.live), _STEPS):
            if not _goes_on(self.live[each]):
                self._renew(self.live, each, "/status/stream")
        for each in range(number % (_UNREAD * _STEPS), len(self.slow), _UNREAD * _STEPS):
            self._renew(self.slow, each, "/status", full=True)

    def _renew(self, connections: list[socket.socket], at: int, path: str, *, full: bool = False) -> None:
        connections[at].close()
        with suppress(OSError):  # the queue of the server is full: the next time
            connections[at] = ask(self._namespace, path, full=full)
            self.asked += 1

    def close(self) -> None:
        for connection in (*self.live, *self.slow):
            connection.close()


def _goes_on(connection: socket.socket) -> bool:
    """Read what has come, and say whether it is a stream that is open."""
    connection.settimeout(0)
    try:
        while more := connection.recv(65536):
            if more.startswith(b"HTTP/1.1 503"):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def crowd(namespace: Namespace, streams: int, slow: int) -> Iterator[_Crowd]:
    """So many who want a stream, and so many who do not read, for as long as the block lasts."""
    made = _Crowd(namespace, streams, slow)
    over = threading.Event()

    def go_on() -> None:
        number = 0
        while not over.wait(_AGAIN / _STEPS):
            made.step(number)
            number += 1

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        thread.join()
        made.close()
