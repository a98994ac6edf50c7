"""Keeps connections open and asks over them at a rate: `load.py ADDRESS PORT CONNECTIONS RATE SECONDS`.

A rate of 0 means as fast as the server answers. Requests are due by the clock, so a slow server gets no
rest; a connection that the server has closed is opened anew. At the end one JSON object on stdout.
"""

import json
import select
import socket
import sys
import time

_REQUEST = b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n"
_LENGTH = b"Content-Length: "
_LAST = b"Connection: close\r\n"
"""The server says so before it closes: nginx does that after a thousand requests."""
_TICK = 0.001
_PATIENCE = 5.0
"""Seconds after which a request counts as failed."""


def _complete(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.partition(_LENGTH)[2].partition(b"\r\n")[0]
    return len(body) >= int(length or 0)


class Load:
    """All connections to one server."""

    def __init__(self, target: tuple[str, int], connections: int) -> None:
        self.target = target
        self.answered = self.failed = self.reopened = 0
        self.slowest = 0.0
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._idle: list[int] = []
        self._asked: dict[int, float] = {}
        self._answers: dict[int, bytes] = {}
        for _ in range(connections):
            self._connect()

    def run(self, rate: float, seconds: float) -> dict[str, float]:
        """Ask for so long; return what came of it."""
        begun = time.monotonic()
        sent = 0
        while (elapsed := time.monotonic() - begun) < seconds:
            due = int(elapsed * rate) - sent if rate else len(self._idle)
            for _ in range(min(due, len(self._idle))):
                self._ask(self._idle.pop(0))
                sent += 1
            for number, _ in self._epoll.poll(_TICK):
                self._read(number)
            self._give_up()
        return {
            "answered": self.answered,
            "failed": self.failed,
            "reopened": self.reopened,
            "rate": round(self.answered / seconds, 1),
            "slowest": round(self.slowest, 4),
        }

    def _connect(self) -> None:
        made = socket.create_connection(self.target, _PATIENCE)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open[made.fileno()] = made
        self._epoll.register(made, select.EPOLLIN)
        self._idle.append(made.fileno())

    def _ask(self, number: int) -> None:
        self._asked[number], self._answers[number] = time.monotonic(), b""
        try:
            self._open[number].send(_REQUEST)
        except OSError:
            self._replace(number)

    def _read(self, number: int) -> None:
        try:
            data = self._open[number].recv(65536)
        except OSError:
            data = b""
        if not data:
            self._replace(number)
            return
        self._answers[number] = self._answers.get(number, b"") + data
        if number in self._asked and _complete(self._answers[number]):
            self.slowest = max(self.slowest, time.monotonic() - self._asked.pop(number))
            self.answered += 1
            self._idle.append(number)
            if _LAST in self._answers[number]:
                self._replace(number)

    def _give_up(self) -> None:
        late = time.monotonic() - _PATIENCE
        for number in [number for number, at in self._asked.items() if at < late]:
            self._replace(number)

    def _replace(self, number: int) -> None:
        """A connection has ended. Only with a request under way that is a failure."""
        if self._asked.pop(number, None) is not None:
            self.failed += 1
        if number in self._idle:
            self._idle.remove(number)
        self._epoll.unregister(number)
        self._open.pop(number).close()
        self.reopened += 1
        self._connect()


if __name__ == "__main__":
    address, port, connections, rate, seconds = sys.argv[1:]
    result = Load((address, int(port)), int(connections)).run(float(rate), float(seconds))
    sys.stdout.write(json.dumps(result) + "\n")
