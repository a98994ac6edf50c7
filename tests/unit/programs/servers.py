"""A fork server, programs for it, and what is left of them."""

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sidecar.programs.fork_server import ForkServer
from sidecar.programs.supervised_program import SupervisedProgram
from tests.unit.checks.stage import children

_T = TypeVar("_T")


def with_server(scenario: Callable[[ForkServer, list[str]], Awaitable[_T]]) -> _T:
    async def body() -> _T:
        lost: list[str] = []
        server = ForkServer(lost.append)
        try:
            return await scenario(server, lost)
        finally:
            server.close()

    before = children(os.getpid())
    try:
        return asyncio.run(body())
    finally:
        assert children(os.getpid()) == before


def shell(server: ForkServer, script: str, keep: int = 4096) -> SupervisedProgram:
    return SupervisedProgram(server, "plain", ["/bin/sh", "-c", script], keep=keep)


def the_server() -> int:
    """The process id of the one fork server of this process."""
    (pid,) = (pid for pid in children(os.getpid()) if b"fork_server_process" in _command(pid))
    return pid


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


@contextlib.contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe2(os.O_CLOEXEC)
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def has_answered(server: ForkServer) -> bool:
    return server._life is not None and not server._life._asked


def children_of_server() -> list[int]:
    try:
        return children(the_server())
    except ValueError:
        return []
