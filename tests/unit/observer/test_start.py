"""The observer gives everything up before it loads a library, and ends with its router."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.channel.endpoint import pair
from sidecar.router.observer_process import Started, start_observer
from tests.netns.processes import gone

pytestmark = pytest.mark.parts

ROOT = Path(__file__).parents[3]


def capabilities(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def ends() -> tuple[socket.socket, socket.socket]:
    return pair()


def await_status(pid: int, name: str, value: str) -> None:
    ends = time.monotonic() + 20
    while capabilities(pid)[name] != value:
        assert time.monotonic() < ends
        time.sleep(0.01)


def end(started: Started) -> int | None:
    """Wait for its end."""
    ends = time.monotonic() + 20
    while not started.ended:
        assert time.monotonic() < ends
        time.sleep(0.01)
    status = started.status()
    os.close(started.pidfd)
    return status


def test_it_has_nothing_and_ends_with_the_other_end(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    with theirs:
        started = start_observer(theirs.fileno(), {"PATH": "/bin", "SECRET": "x"})
    await_status(started.pid, "NoNewPrivs", "1")
    await_status(started.pid, "CapPrm", "0" * 16)
    seen = capabilities(started.pid)
    assert {seen[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert os.getsid(started.pid) == started.pid
    environment = Path(f"/proc/{started.pid}/environ").read_bytes()
    assert b"SECRET" not in environment
    assert b"PATH=/bin" in environment
    ours.close()
    assert end(started) == 1


def test_what_is_no_greeting_ends_it(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    with theirs:
        started = start_observer(theirs.fileno())
    with ours:
        ours.send(b"\xff\xff")
        assert end(started) == 1


def test_it_dies_with_its_router() -> None:
    code = (
        "import os, time\n"
        "from sidecar.channel.endpoint import pair\n"
        "from sidecar.router.observer_process import start_observer\n"
        "ours, theirs = pair()\n"
        "print(start_observer(theirs.fileno()).pid, flush=True)\n"
        "time.sleep(60)"
    )
    router = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert router.stdout is not None
    with router.stdout as said:
        pid = int(said.readline())
    await_status(pid, "CapPrm", "0" * 16)
    await_status(pid, "NoNewPrivs", "1")
    time.sleep(0.5)
    router.kill()
    router.wait()
    ends = time.monotonic() + 10
    while not gone(pid):
        assert time.monotonic() < ends
        time.sleep(0.01)
