"""A Docker engine of the test's own, which can be stopped, hung and killed without harm to others.

It has no network and writes no firewall rule; with live-restore its containers outlive it, as those of
a careful operator do. Its only image holds sh and sleep of this machine.
"""

import io
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

IMAGE = "tiny"
_PROGRAMS = ("/bin/sh", "/bin/sleep")
_FOLDER = "vip-engine-"
_STARTED_WITHIN = 40.0


class OwnEngine:
    """Use as a context manager; everything that it ran or wrote is gone afterwards."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._containerd: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir="/var/tmp"))
        try:
            self._start_containerd()
            self.start()
            self.load(IMAGE, _PROGRAMS)
        except BaseException:
            self._clean()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                error.add_note("\n".join((self.folder / "log").read_text().splitlines()[-30:]))
        finally:
            self._clean()

    def _clean(self) -> None:
        try:
            with suppress(RuntimeError, subprocess.TimeoutExpired):
                self.resume()
                if not self.running:
                    self.start()
                for container in self.docker("ps", "--all", "--quiet").split():
                    self.docker("rm", "--force", container)
            self.stop()
        finally:
            if self._containerd is not None:
                self._containerd.terminate()
                self._containerd.wait()
            for mount in reversed(Path("/proc/mounts").read_text().splitlines()):
                if (point := mount.split()[1]).startswith(f"{self.folder}/"):
                    subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start_containerd(self) -> None:
        # As on a real host: it runs the containers, and outlives an engine that is killed.
        folder = self.folder
        (folder / "containerd.toml").write_text(
            'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
        )
        argv = ["containerd", "--config", f"{folder}/containerd.toml", "--root", f"{folder}/containerd"]
        argv += ["--state", f"{folder}/state", "--address", f"{folder}/containerd.sock"]
        self._containerd = self._spawn(argv)

    def _spawn(self, argv: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self.folder
        argv = [
            "dockerd",
            "--containerd",
            f"{folder}/containerd.sock",
            "--data-root",
            f"{folder}/data",
            "--exec-root",
            f"{folder}/exec",
        ]
        argv += ["--pidfile", f"{folder}/pid", "--host", self.url, "--live-restore", "--bridge=none"]
        argv += ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]
        self._process = self._spawn([*argv, *self._options])
        deadline = time.monotonic() + _STARTED_WITHIN
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                raise RuntimeError(f"dockerd did not come up:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            argv = ["docker", "--host", self.url, "version"]
            return subprocess.run(argv, check=False, capture_output=True, timeout=5).returncode == 0
        return False

    def stop(self) -> None:
        """SIGTERM, and wait until it has ended. Containers live on."""
        if self._process is None or not self.running:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the engine alone, not to its containers."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """SIGSTOP."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGCONT)

    def docker(self, *words: str) -> str:
        """Run the docker command on this engine. RuntimeError if it fails."""
        argv = ["docker", "--host", self.url, *words]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=40)
        if done.returncode:
            raise RuntimeError(f"docker {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def run(self, name: str, *command: str, options: tuple[str, ...] = ()) -> None:
        """Start a container without network."""
        words = command or ("sleep", "1000000")
        self.docker("run", "--detach", "--network=none", "--name", name, *options, IMAGE, *words)

    def crash(self, name: str) -> None:
        """Kill a container's main process behind Docker's back."""
        os.kill(int(self.docker("inspect", "--format", "{{.State.Pid}}", name)), signal.SIGKILL)

    def load(self, image: str, programs: Sequence[str], files: Sequence[str] = ()) -> None:
        """Make an image of programs of this machine, what they need, and further files and folders."""
        needed = {Path(file) for file in (*programs, *files)}
        for program in programs:
            said = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
            needed |= {Path(word) for word in said.split() if word.startswith("/")}
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w", dereference=True) as tar:
            for file in sorted(needed):
                tar.add(file, arcname=str(file).lstrip("/"), recursive=False)
        argv = ["docker", "--host", self.url, "import", "-", image]
        subprocess.run(argv, input=archive.getvalue(), check=True, capture_output=True, timeout=40)
