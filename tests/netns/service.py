"""A daemon inside a namespace, and everything that can be done to it from outside."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from tests.log_lines import log_lines
from tests.netns.bounds import SLOWER
from tests.netns.processes import below

_SAID = 1.0
"""Seconds until a line about what happened is in the log."""


class Place(Protocol):
    """Where programs can be started: see Namespace."""

    def spawn(
        self, argv: Sequence[str], output: IO[bytes] | int, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a program that leads a process group."""
        ...


class Service:
    """Starts as often as it is told to; output of all lives goes to one log file.

    `kill` reaches the whole process group (nginx's workers, keepalived's children), `hang` and `resume`
    everything below the first process; `terminate` goes to the first process alone, as `docker stop` does it.
    """

    def __init__(self, place: Place, argv: Sequence[str], log: Path, **environment: str) -> None:
        self.argv = list(argv)
        self.log = log
        self._place = place
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the first process, as seen from outside."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the first process lives (stopped counts)."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> list[dict[str, Any]]:
        """Return the lines of the log so far, of all lives; none where no log is yet."""
        return log_lines(self.log.read_text(encoding="utf-8")) if self.log.exists() else []

    def start(self) -> None:
        """Start it, after an earlier life has ended."""
        assert not self.running, f"already running: {self.argv}"
        with self.log.open("ab") as output:
            self._process = self._place.spawn(self.argv, output, **self._environment)

    def terminate(self, within: float) -> tuple[int, float]:
        """SIGTERM; exit code and seconds it took. See `wait`."""
        begun = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        return self.wait(within), time.monotonic() - begun

    def wait(self, within: float) -> int:
        """The exit code, of a process that ends by itself, on a quiet machine `within` so many seconds."""
        assert self._process is not None, "not started"
        return self._process.wait(SLOWER * within)

    def await_said(self, *words: str, within: float = _SAID) -> str:
        """Wait until the log has all of these, and return it: it is written after what it tells has happened.

        TimeoutError with the words if it has not.
        """
        deadline = time.monotonic() + SLOWER * within
        while True:
            text = self.log.read_text(encoding="utf-8")
            missing = [each for each in words if each not in text]
            if not missing:
                return text
            if time.monotonic() > deadline:
                raise TimeoutError(f"not in {self.log.name} within {SLOWER} x {within} s: {missing}")
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead. Does nothing to what is dead already."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def send(self, number: int) -> None:
        """A signal to the first process."""
        os.kill(self.pid, number)

    def hang(self) -> None:
        """SIGSTOP to all processes, also to those in other sessions: as a container is paused."""
        os.killpg(self.pid, signal.SIGSTOP)
        for pid in below(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT to all of them."""
        for pid in below(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        os.killpg(self.pid, signal.SIGCONT)
