"""Asking a sidecar whose observer is there, is being replaced, or is gone with everything else."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from ipaddress import IPv4Interface
from pathlib import Path
from struct import calcsize, unpack
from tempfile import TemporaryDirectory

import pytest

from sidecar.cli import control
from sidecar.cli.control import HungUp, NobodyListens, TimedOut, Unreachable, get, request, router_lives
from sidecar.core.params import RouterParams
from sidecar.net.router_lock import RouterLocks
from sidecar.telemetry.listener import listen_unix

STARTING = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\nConnection: close\r\n\r\nstarting"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nConnection: close\r\n\r\nhere"
ROOT = Path(__file__).parents[3]
ROUTER = RouterParams("web", "test-control", 51, 100, (IPv4Interface("192.0.2.103/24"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user may enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def living_router() -> Iterator[None]:
    locks, troubles = RouterLocks(), list[str]()
    with closing(locks):
        locks.acquire([ROUTER], troubles.append)
        assert troubles == []
        yield


@pytest.fixture
def no_router(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may run on this machine: read a list of sockets in which there is none."""
    (tmp_path / "unix").write_text("Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 0 2 1 1 @other\n")
    monkeypatch.setattr(control, "_SOCKETS", str(tmp_path / "unix"))


def leave_behind(path: Path) -> None:
    """What a killed observer leaves: its lock, which nobody holds, and a socket at which nobody listens."""
    Path(f"{path}.lock").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def answer(path: Path, *answers: bytes) -> threading.Thread:
    """An observer that listens and gives one answer after the other. No answer: it ends when it was asked."""
    listener = listen_unix(path)

    def run() -> None:
        with closing(listener):
            for each in answers:
                connection = listener.socket.accept()[0]
                with connection:
                    assert b"\r\n\r\n" in connection.recv(4096)
                    connection.sendall(each)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.usefixtures("living_router")
def test_the_next_observer_is_waited_for_while_the_router_lives(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_behind(path)
    observers = list[threading.Thread]()

    def pause(_: float) -> None:
        if not observers:
            observers.append(answer(path, STARTING, OK))

    monkeypatch.setattr("sidecar.cli.control.time.sleep", pause)
    assert get(str(path), "/status.json") == (200, b"here")
    observers[0].join()


@pytest.mark.usefixtures("living_router")
def test_a_question_that_an_observer_took_along_is_asked_again_if_it_changes_nothing(path: Path) -> None:
    observer = answer(path, b"", OK)
    assert get(str(path), "/status.json") == (200, b"here")
    observer.join()
    observer = answer(path, b"", OK)
    with pytest.raises(HungUp):
        request(str(path), "POST", "/drain", 5.0)
    assert request(str(path), "POST", "/drain", 5.0) == (200, b"here")
    observer.join()


@pytest.mark.usefixtures("living_router")
def test_a_sidecar_that_begins_says_so_at_once(path: Path) -> None:
    observer = answer(path, STARTING)
    assert get(str(path), "/status.json") == (503, b"starting")
    observer.join()


@pytest.mark.usefixtures("living_router")
def test_an_observer_that_hangs_is_outwaited(path: Path) -> None:
    frozen = "timed out: its observer stands still; if the whole sidecar does "
    with closing(listen_unix(path)), pytest.raises(TimedOut, match=frozen):
        get(str(path), "/status.json", timeout=0.01, patience=0.02)


@pytest.mark.usefixtures("living_router")
def test_that_only_the_observer_is_missing_is_told_in_the_end(path: Path) -> None:
    leave_behind(path)
    with pytest.raises(NobodyListens, match="refused: a router runs, and its observer is not back yet"):
        get(str(path), "/status.json", patience=0.0)
    path.unlink()
    with pytest.raises(NobodyListens, match="No such file or directory: a router runs"):
        get(str(path), "/status.json", patience=0.0)


@pytest.mark.usefixtures("living_router")
def test_a_path_where_no_observer_has_been_is_a_mistake_and_is_told_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.cli.control.time.sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(Unreachable, match=r"no sidecar answers at .*: No such file or directory$"):
        get(str(path), "/status.json")


@pytest.mark.usefixtures("no_router")
def test_nobody_is_waited_for_where_no_router_lives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.cli.control.time.sleep", lambda _: pytest.fail("it waits"))
    leave_behind(path)
    assert not router_lives()
    with pytest.raises(NobodyListens, match=r"no sidecar answers at .*: Connection refused$"):
        get(str(path), "/status.json")


def test_a_router_is_known_by_the_lock_that_it_holds(living_router: None) -> None:
    del living_router
    assert router_lives()


@pytest.mark.usefixtures("no_router")
@pytest.mark.parametrize("cut", range(1, len(OK)))
def test_an_answer_that_is_cut_anywhere_is_none(path: Path, cut: int) -> None:
    for ask in (partial(get, str(path), "/readyz"), partial(request, str(path), "POST", "/drain", 5.0)):
        observer = answer(path, OK[:cut])
        with pytest.raises(Unreachable, match=str(path)) as caught:
            ask()
        observer.join()
        if cut >= len(b"HTTP/"):
            assert isinstance(caught.value, HungUp)
            whether = "whether the command was carried out is not known" in str(caught.value)
            assert whether == (ask.func is request)
        if cut > OK.index(b"here"):
            assert f"after {cut - OK.index(b'here')} of 4 bytes of its answer" in str(caught.value)


@pytest.mark.usefixtures("living_router")
def test_a_question_whose_answer_was_cut_is_asked_again_if_it_changes_nothing(path: Path) -> None:
    observer = answer(path, OK[:-1], OK)
    assert get(str(path), "/status.json") == (200, b"here")
    observer.join()


@pytest.mark.usefixtures("no_router")
@pytest.mark.parametrize(
    ("said", "why"),
    [
        (OK + b"!", "says more than it should"),
        (OK.replace(b"content-length: 4\r\n", b""), "is no sidecar"),
        (OK.replace(b"4", b"-4"), "is no sidecar"),
        (b"SSH-2.0-x\r\n\r\n", "is no sidecar"),
    ],
)
def test_what_says_something_else_is_no_sidecar(path: Path, said: bytes, why: str) -> None:
    observer = answer(path, said)
    with pytest.raises(Unreachable, match=why):
        get(str(path), "/readyz")
    observer.join()


@pytest.mark.usefixtures("no_router")
def test_root_without_capabilities_asks_as_the_owner_of_the_socket_and_is_itself_afterwards(
    open_to_all: Path,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else; run as root to enable this test")
    path = open_to_all / "control.sock"
    asked_by = list[tuple[int, int, int]]()

    def run(listening: socket.socket) -> None:
        for _ in range(2):
            connection = listening.accept()[0]
            with connection:
                peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, calcsize("3i"))
                asked_by.append(unpack("3i", peer))
                assert b"\r\n\r\n" in connection.recv(4096)
                connection.sendall(OK)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        os.chown(path, 65534, 65534)
        path.chmod(0o600)
        listening.listen()
        thread = threading.Thread(target=run, args=(listening,), daemon=True)
        thread.start()
        asked = (
            "import os; from sidecar.cli.control import get;"
            f"print(*[(get({str(path)!r}, '/readyz'), os.geteuid()) for _ in range(2)])"
        )
        without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
        done = subprocess.run(
            [*without, sys.executable, "-c", asked], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.stdout.strip() == "((200, b'here'), 0) ((200, b'here'), 0)", done.stderr
        thread.join()
    assert [uid for _, uid, _ in asked_by] == [65534, 65534]
