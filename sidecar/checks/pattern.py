"""A regular expression that is searched for in a process of its own.

A pattern such as (a+)+$ can take longer than the universe, and Python's matcher holds the interpreter
meanwhile: in a thread it would stop every advert. The process is asked over a socket pair and killed
when the caller's deadline passes. It ends by itself when we do, and its own timer ends a match that
goes on after us.
"""

import asyncio
import errno
import os
import socket
import struct
from typing import Final

from sidecar.programs.child import Child
from sidecar.programs.fork_server import ForkServer

_HEADER: Final = struct.Struct("!I")


class _Searcher:
    """The process and our end of its socket."""

    def __init__(self, child: Child, ours: socket.socket) -> None:
        self.child = child
        self.socket = ours

    @property
    def broken(self) -> bool:
        """Whether it can answer no more."""
        return self.child.gone or self.socket.fileno() < 0

    def abandon(self) -> None:
        """Kill it without waiting."""
        self.socket.close()
        self.child.kill()


class Pattern:
    """Belongs to one event loop. The process starts with the first search and again after each that hung."""

    def __init__(self, expression: str, programs: ForkServer) -> None:
        self._expression = expression
        self._programs = programs
        self._searcher: _Searcher | None = None
        programs.prepare()

    async def found_in(self, body: bytes) -> bool:
        """Search once. Raise OSError when the process cannot be started or dies; cancelling kills it."""
        loop = asyncio.get_running_loop()
        if self._searcher is None or self._searcher.broken:
            self.close()
            self._searcher = await self._start()
        searcher = self._searcher
        try:
            await loop.sock_sendall(searcher.socket, _HEADER.pack(len(body)) + body)
            answer = await loop.sock_recv(searcher.socket, 1)
        except BaseException:
            searcher.abandon()
            raise
        if answer not in (b"0", b"1"):
            searcher.abandon()
            raise OSError(errno.ECHILD, os.strerror(errno.ECHILD))
        return answer == b"1"

    def close(self) -> None:
        """End the process."""
        if self._searcher is not None:
            self._searcher.abandon()
            self._searcher = None

    async def _start(self) -> _Searcher:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                return _Searcher(
                    await self._programs.start("pattern", [self._expression], [theirs.fileno()]), ours
                )
        except BaseException:
            ours.close()
            raise
