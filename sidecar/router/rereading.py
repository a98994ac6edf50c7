"""The configuration child of a reload: started and heard in the loop, which must not wait for it.

It gets what counts now in a file in memory, and says what is new. It runs with less right to the processor
than an advertisement.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sidecar import __version__
from sidecar.channel.malformed import Malformed
from sidecar.channel.package import LARGEST, PACKAGE, Package
from sidecar.channel.reload import READING, Reading
from sidecar.event_loop import EventLoop
from sidecar.router.config_child import PATIENCE
from sidecar.router.launch import launch
from sidecar.router.observer_process import Started

_CODE: Final = (
    "import os, sys; os.nice(10); sys.path.insert(0, sys.argv[1]); "
    "from sidecar.cli.config_child import reread; "
    "sys.exit(reread(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))"
)
_LARGEST: Final = 2 * LARGEST + 64 * 1024
_READ: Final = 1 << 16


class Rereading:
    """One child, from `start` until `done` was called once, or `cancel`. For the thread of the loop."""

    def __init__(self, loop: EventLoop, file: str, done: Callable[[Reading], None]) -> None:
        self._loop = loop
        self._file = file
        self._done = done
        self._data = bytearray()
        self._pipe: int | None = None
        self._child: Started | None = None
        self._status: int | None = None
        self._late = loop.call_later(PATIENCE, self._too_late)

    @property
    def pid(self) -> int | None:
        """The process of the child, None if it is reaped."""
        return None if self._child is None else self._child.pid

    def start(self, present: Package) -> None:
        """Start it. A failure is told by `done`, before this returns."""
        try:
            self._pipe, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                self._child = self._launch(write_end, PACKAGE.encode(present))
            finally:
                os.close(write_end)
        except OSError as error:
            self._end(_failed(f"cannot be started: {error}"))
            return
        self._loop.watch(self._pipe, self._readable)
        self._loop.watch(self._child.pidfd, self._died)

    def cancel(self) -> None:
        """Kill it, if there is one. Nothing is told."""
        self._late.cancel()
        self._close_pipe()
        if self._child is not None:
            self._child.kill()
            with suppress(ChildProcessError):
                os.waitpid(self._child.pid, 0)
            self._forget_child()

    def _launch(self, write_end: int, present: bytes) -> Started:
        memory = os.memfd_create("present plan", os.MFD_CLOEXEC)
        try:
            with open(memory, "wb", closefd=False) as file:
                file.write(present)
            os.set_blocking(write_end, True)
            arguments = [self._file, str(write_end), str(memory), __version__]
            pid = launch(["-B"], _CODE, arguments, write_end, os.environ, apart=False, also=memory)
        finally:
            os.close(memory)
        return Started(pid, os.pidfd_open(pid))

    def _readable(self) -> None:
        if self._pipe is None:
            return
        piece = os.read(self._pipe, _READ)
        self._data += piece
        if not piece:
            self._close_pipe()
            if self._child is None:
                self._end(self._decoded())
        elif len(self._data) > _LARGEST:
            self.cancel()
            self._end(_failed("prints without an end"))

    def _died(self) -> None:
        self._status = None if self._child is None else self._child.status()
        self._forget_child()
        if self._pipe is None:
            self._end(self._decoded())

    def _decoded(self) -> Reading:
        if not self._data:
            how = "" if self._status is None else f" with status {self._status}"
            return _failed(f"has ended{how} and said nothing; its own words are in the output of the sidecar")
        try:
            return READING.decode(bytes(self._data))
        except Malformed as error:
            return _failed(f"printed something else: {error}")

    def _too_late(self) -> None:
        self.cancel()
        self._end(_failed(f"did not end within {PATIENCE:.0f} s"))

    def _end(self, reading: Reading) -> None:
        self._late.cancel()
        self._close_pipe()
        self._done(reading)

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._loop.forget(self._pipe)
            os.close(self._pipe)
            self._pipe = None

    def _forget_child(self) -> None:
        if self._child is not None:
            self._loop.forget(self._child.pidfd)
            os.close(self._child.pidfd)
            self._child = None


def _failed(why: str) -> Reading:
    return Reading(None, f"the process that reads the configuration {why}", b"")
