"""A program that is run again and again under a watcher: its output is capped, nothing of it is left."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sidecar.programs.child import Child
from sidecar.programs.fork_server import ENVIRONMENT, ForkServer

_NEWS: Final = 4 * 1024
_READ: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. `output` is the end of what it printed."""

    status: int | None
    """Exit status, negative for a signal. None: it was not run, or nobody saw its end."""
    failed: str
    """Why it could not be run; empty if it was."""
    output: bytes


class SupervisedProgram:
    """A caller that waits for `settled` before each `run` has no two runs at a time.

    Except for a moment: when a run was given up before its program had been started, or when the watcher had
    to be killed. `how` names a program of the fork server that watches one; `keep` bytes of the output stay.
    """

    def __init__(
        self,
        server: ForkServer,
        how: str,
        arguments: Sequence[str],
        *,
        keep: int,
        environment: Mapping[str, str] = ENVIRONMENT,
        folder: str = "/",
    ) -> None:
        self._server = server
        self._how = how
        self._arguments = arguments
        self._keep = keep
        self._environment = environment
        self._folder = folder
        self._child: Child | None = None

    async def settled(self) -> None:
        """Wait until the last run is gone. It may be stuck in the kernel, where nothing can kill it."""
        if self._child is not None:
            await self._child.ended.wait()

    async def run(self) -> Ended:
        """Run it once, to its end. Cancelling ends the program and all that it started.

        Raise OSError when it cannot be started.
        """
        with _Tail(self._keep) as output, _Tail(_NEWS) as news:
            descriptors = [output.write_end, news.write_end]
            child = await self._server.start(
                self._how, self._arguments, descriptors, self._environment, self._folder
            )
            self._child = child
            output.follow()
            try:
                await child.ended.wait()
            finally:
                child.end()
            news.drain()
            output.drain()
            status = news.after("ended ")
            return Ended(int(status) if status else None, news.after("failed "), output.data)


class _Tail:
    """A pipe of which the last bytes are kept. Reading never blocks."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._loop: asyncio.AbstractEventLoop | None = None
        self.data = b""
        self._read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._read_end, False)

    def follow(self) -> None:
        """Read whatever comes, so that nobody waits for room in the pipe."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_end, self.drain)

    def drain(self) -> None:
        """Read one piece, as a flood must leave the loop its turn."""
        try:
            piece = os.read(self._read_end, _READ)
        except BlockingIOError:
            return
        self.data = (self.data + piece)[-self._keep :]

    def after(self, word: str) -> str:
        """The rest of the first line that begins with this word."""
        lines = self.data.decode("utf-8", "replace").split("\n")
        return next((line.removeprefix(word) for line in lines if line.startswith(word)), "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        os.close(self.write_end)
