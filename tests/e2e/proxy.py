"""The filter before the Docker socket, from the file that users mount, as a process of this machine."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "docker-proxy"


class Proxy:
    """docker-proxy/run.sh and its nginx.conf; only their paths are those of the test."""

    def __init__(self, folder: Path, engine: Path, *, restarts: bool = False, reloads: bool = False) -> None:
        self.socket = folder / "docker.sock"
        self._folder = folder
        script, text = (FILES / "run.sh").read_text(), (FILES / "nginx.conf").read_text()
        text = text.replace("/tmp/", f"{folder}/")  # noqa: S108 - the container's
        for path, ours in {
            "/var/run/docker.sock": engine,
            "/run/docker-proxy/docker.sock": self.socket,
            "/etc/nginx/restart.conf": FILES / f"restart-{int(restarts)}.conf",
            "/etc/nginx/reload.conf": FILES / f"reload-{int(reloads)}.conf",
            "/dev/stdout": folder / "access.log",
            "/etc/nginx/nginx.conf": folder / "nginx.conf",
        }.items():
            assert path in text + script
            text, script = text.replace(path, str(ours)), script.replace(path, str(ours))
        (folder / "nginx.conf").write_text(text)
        (folder / "run.sh").write_text(script)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it as the container does; wait until it answers."""
        log, argv = self._folder / "error.log", ["sh", str(self._folder / "run.sh")]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.01)

    def _answers(self) -> bool:
        # A killed one left its socket behind.
        with socket.socket(socket.AF_UNIX) as door, suppress(OSError):
            door.connect(str(self.socket))
            return True
        return False

    def kill(self) -> None:
        """SIGKILL; the socket's file stays."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def hang(self) -> None:
        """SIGSTOP: the kernel still accepts connections."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def ask(self, line: str) -> int:
        """Send a request line as it is; the status of the answer."""
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(30)
            door.connect(str(self.socket))
            door.sendall(f"{line} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode())
            return int(door.recv(4096).split()[1])


@contextmanager
def proxy(folder: Path, engine: Path, *, restarts: bool = False, reloads: bool = False) -> Iterator[Proxy]:
    """A running filter before an engine's socket."""
    folder.mkdir()
    made = Proxy(folder, engine, restarts=restarts, reloads=reloads)
    try:
        made.start()
        yield made
    finally:
        made.kill()
