"""A client that never waits: a new connection and a GET every few milliseconds, who answered and when.

A program of its own: `client.py ADDRESS PORT INTERVAL TIMEOUT`, seconds. Each try is a fresh SYN with
its own deadline and many are in flight, so neither a hanging server nor the SYN retransmission
timer (1 s) hides the moment from which a new client is served. Writes `[ended, started, who, error]`
per try, seconds of CLOCK_MONOTONIC, which all namespaces share.
"""

import errno
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Iterator

_REQUEST = b"GET / HTTP/1.0\r\nHost: vip\r\nConnection: keep-alive\r\n\r\n"
# Closing with RST leaves no TIME_WAIT behind: 500 tries a second would run out of ports.
_RESET = struct.pack("ii", 1, 0)


class Try:
    """One connection attempt."""

    def __init__(self, target: tuple[str, int], now: float) -> None:
        self.started = now
        self.error = ""
        self.sent = False
        self.answer = b""
        family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        code = self.socket.connect_ex(target)
        if code not in (0, errno.EINPROGRESS):
            self.error = errno.errorcode[code]

    def advance(self) -> None:
        """The socket is ready: send the request, or read."""
        try:
            if not self.sent:
                self.socket.send(_REQUEST)
                self.sent = True
                return
            chunk = self.socket.recv(65536)
        except OSError as failure:
            self.error = errno.errorcode.get(failure.errno or 0, "EIO")
            return
        self.answer += chunk
        if not chunk and not self.who():
            self.error = "EOF"

    def who(self) -> str:
        """The name in a complete answer with status 200; empty while there is none."""
        head, _, body = self.answer.partition(b"\r\n\r\n")
        if not body.endswith(b"\n") or head.split(b" ", 2)[1:2] != [b"200"]:
            return ""
        return body.decode("ascii").split()[-1]

    def line(self, now: float) -> str:
        """The result for the journal."""
        return json.dumps(
            [round(now, 6), round(self.started, 6), self.who(), "" if self.who() else self.error]
        )


def _finished(tries: deque[Try], timeout: float) -> Iterator[Try]:
    now = time.monotonic()
    for each in list(tries):
        if not (each.who() or each.error) and now - each.started >= timeout:
            each.error = "TIMEOUT"
        if each.who() or each.error:
            yield each


def probe(target: tuple[str, int], interval: float, timeout: float) -> None:
    """Try for ever."""
    tries: deque[Try] = deque()
    next_try = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= next_try:
            tries.append(Try(target, now))
            # A late probe does not make up for what it missed: a burst would look like service.
            next_try = max(next_try + interval, now)
        reading = [each.socket for each in tries if each.sent]
        writing = [each.socket for each in tries if not (each.sent or each.error)]
        ready = {
            s.fileno() for some in select.select(reading, writing, [], max(0.0, next_try - now)) for s in some
        }
        for each in tries:
            if each.socket.fileno() in ready:
                each.advance()
        for each in _finished(tries, timeout):
            os.write(1, each.line(time.monotonic()).encode() + b"\n")
            each.socket.close()
            tries.remove(each)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    probe((sys.argv[1], int(sys.argv[2])), float(sys.argv[3]), float(sys.argv[4]))
