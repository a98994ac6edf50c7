"""The service manager is told once that the sidecar is at work, and nothing waits for it."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.clock import clock
from sidecar.event_loop import EventLoop
from sidecar.router.readiness import Readiness

PATIENCE = 10.0


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as made:
        yield made


def told(manager: socket.socket) -> list[bytes]:
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(manager.recv(100))
    return found


@pytest.mark.parametrize("in_a_folder", [True, False])
def test_it_is_told_once(loop: EventLoop, manager: socket.socket, tmp_path: Path, in_a_folder: bool) -> None:
    name = str(tmp_path / "notify") if in_a_folder else f"@vip-sidecar-test-{os.getpid()}"
    manager.bind(name if in_a_folder else f"\0{name[1:]}")
    readiness = Readiness(loop, {"NOTIFY_SOCKET": name})
    assert told(manager) == []
    for _ in range(3):
        readiness.tell()
    assert told(manager) == [b"READY=1"]


def test_a_manager_that_is_busy_is_told_later(
    loop: EventLoop, manager: socket.socket, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without it the start would never end."""
    name = str(tmp_path / "notify")
    manager.bind(name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as other:
        with suppress(BlockingIOError):
            while True:
                other.sendto(b"WATCHDOG=1", name)
        Readiness(loop, {"NOTIFY_SOCKET": name}).tell()
        assert b"READY=1" not in told(manager)
    heard: list[bytes] = []
    ends = clock() + PATIENCE
    while not heard and clock() < ends:
        loop.turn(clock() + 0.1)
        heard += told(manager)
    assert heard == [b"READY=1"]
    assert capfd.readouterr().err == ""


def test_a_manager_that_is_gone_is_said_and_harms_nobody(
    loop: EventLoop, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Readiness(loop, {"NOTIFY_SOCKET": str(tmp_path / "none")}).tell()
    assert "cannot be told that this is ready: [Errno 2]" in capfd.readouterr().err
    Readiness(loop, {}).tell()
    assert capfd.readouterr().err == ""
