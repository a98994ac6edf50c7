"""Common parts of the tests of the checks: a listener that waits, servers, real nginx, network namespaces."""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sidecar.checks.kind_lookup import builder
from sidecar.checks.probe import Tools
from sidecar.checks.resolve import Resolver
from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import Check
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.services import Docker
from sidecar.programs.fork_server import ForkServer
from sidecar.programs.process import read
from sidecar.stall import StallWatch
from tests import asyncio_server

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_T = TypeVar("_T")
PATIENCE = 60.0
"""Seconds to wait for what must come: waiting is no claim, and a busy machine is slow."""
_CLONE_NEWNET = 0x40000000
_CLONE_NEWNS = 0x00020000


@dataclass(frozen=True)
class Seen:
    at: float
    check: str
    result: CheckResult


@dataclass
class Collector:
    """A listener that keeps everything and lets a test wait for it."""

    results: list[Seen] = field(default_factory=list)
    engine: list[tuple[bool, str]] = field(default_factory=list)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    restarts: list[tuple[str, str, str, bool]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def result(self, check: str, result: CheckResult) -> None:
        with self.news:
            self.results.append(Seen(time.monotonic(), check, result))
            self.news.notify_all()

    def docker(self, connected: bool, detail: str) -> None:
        with self.news:
            self.engine.append((connected, detail))
            self.news.notify_all()

    def trouble(self, component: str, reason: str, detail: str) -> None:
        with self.news:
            self.troubles.append((component, reason, detail))
            self.news.notify_all()

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        with self.news:
            self.restarts.append((check, result, detail, quiet))
            self.news.notify_all()

    def wait(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        with self.news:
            assert self.news.wait_for(condition, timeout), f"not seen: {self.results[-5:]} {self.engine}"

    def after(self, mark: int, outcome: Outcome, count: int = 1, timeout: float = PATIENCE) -> list[Seen]:
        """Wait for `count` results with this outcome that came after the first `mark` results."""

        def matching() -> list[Seen]:
            return [seen for seen in self.results[mark:] if seen.result.outcome is outcome]

        self.wait(lambda: len(matching()) >= count, timeout)
        return matching()

    def outcomes(self, mark: int = 0) -> set[Outcome]:
        with self.news:
            return {seen.result.outcome for seen in self.results[mark:]}


@contextlib.contextmanager
def running(checks: Iterable[Check], docker: Docker | None = None) -> Iterator[Collector]:
    collector = Collector()
    runner = CheckRunner(checks, docker, collector)
    runner.start()
    try:
        yield collector
    finally:
        runner.stop(5.0)


async def results(check: Check) -> AsyncIterator[CheckResult]:
    """Yield the results of one check that runs on this loop."""
    queue: asyncio.Queue[CheckResult] = asyncio.Queue()
    programs = ForkServer()
    watch = builder(check.kind)(check, Tools(Resolver(), None, programs, StallWatch()))
    task = asyncio.create_task(watch.run(queue.put_nowait))
    try:
        while True:
            async with asyncio.timeout(PATIENCE):
                yield await queue.get()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        programs.close()


async def first_result(check: Check) -> CheckResult:
    stream = results(check)
    try:
        return await anext(stream)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


@contextlib.asynccontextmanager
async def server(handler: Handler, **options: object) -> AsyncIterator[int]:
    """Serve connections on a free port of 127.0.0.1."""
    served: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(guarded(reader, writer))
        served[task] = writer
        task.add_done_callback(served.pop)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        await asyncio_server.close(listening)
        left = dict(served)
        for task, writer in left.items():
            writer.transport.abort()  # one that is cancelled before its first step does nothing any more
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def url(port: int, *, tls: bool = False, host: str = "127.0.0.1", target: str = "/") -> HttpUrl:
    return HttpUrl(tls, host, port, target)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Nginx:
    port: int
    pid: int

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)


@contextlib.contextmanager
def nginx(
    folder: Path,
    program: str = "/usr/sbin/nginx",
    *,
    workers: int = 2,
    daemon: bool = False,
    listen: str = "",
) -> Iterator[Nginx]:
    """Run a real nginx in a session of its own; all of that session is killed at the end."""
    port = free_port()
    (folder / "index.html").write_text("Welcome to the test\n")
    (folder / "nginx.conf").write_text(
        f"""user root; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ worker_connections 64; }}
        http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
        fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
        server {{ listen 127.0.0.1:{port} {listen}; listen unix:{folder}/nginx.sock; root {folder};
        location = /stub_status {{ stub_status; }} }} }}"""
    )
    process = subprocess.Popen(
        [
            program,
            "-e",
            f"{folder}/error.log",
            "-c",
            f"{folder}/nginx.conf",
            "-g",
            f"daemon {'on' if daemon else 'off'};",
        ],
        start_new_session=True,
    )
    pid = process.pid
    try:
        if daemon:
            process.wait()  # nginx ignores USR2 as long as the process lives that has started it
        wait_until(lambda: bool(_text(folder / "nginx.pid")))
        pid = int(_text(folder / "nginx.pid"))
        # A signal that reaches the master before it has blocked them and started workers is forgotten.
        wait_until(lambda: len(children(pid)) >= workers)
        yield Nginx(port, pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        process.wait()


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def connections(pid: int, port: int) -> int:
    """How many connections of this local port a process has accepted and not closed."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    established = {row[9] for row in rows if row[3] == "01" and row[1].endswith(f":{port:04X}")}
    found = 0
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed since
            found += str(file.readlink())[len("socket:[") : -1] in established
    return found


def state_of(pid: int) -> str:
    """The letter of proc_pid_stat(5), or "gone"."""
    process = read(pid)
    return "gone" if process is None else process.state


def wait_until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def in_new_network(work: Callable[[], _T], *, mounts: bool = False) -> _T:
    """Run `work` in a thread that alone lives in a new network namespace, which ends with it.

    With `mounts` it may mount what it likes, too, and nobody else sees it.
    """
    outcome: list[_T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            assert ctypes.CDLL(None).unshare(_CLONE_NEWNET | (_CLONE_NEWNS if mounts else 0)) == 0
            if mounts:
                subprocess.run(["mount", "--make-rprivate", "/"], check=True)
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return outcome[0]


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
