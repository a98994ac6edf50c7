"""A network and process namespace without a name: it ends with its maker, so nothing is left over."""

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

_NEWPID = 0x20000000
_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def _succeed(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@contextmanager
def _own_namespaces_afterwards() -> Iterator[None]:
    """Namespaces that this thread enters inside the block are left at the end. Other threads never move."""
    network = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    processes = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        yield
    finally:
        _succeed(_LIBC.setns(network, _NEWNET))
        _succeed(_LIBC.setns(processes, _NEWPID))
        os.close(network)
        os.close(processes)


class Namespace:
    """A namespace of its own for network and processes, as a host has them.

    Processes are a part of it because the sidecar looks for nginx by name: it must not find the
    one of the neighbour. Killing the first process ends all others and frees the network.
    """

    def __init__(self) -> None:
        init = ["unshare", "--mount", "--mount-proc", "setpriv", "--pdeathsig", "KILL"]
        # A real init reaps orphans; with SIGCHLD ignored the kernel does it for this one. The shell
        # goes first, because it handles SIGCHLD and would leave it at its default.
        init += ["sh", "-c", "echo; exec env --ignore-signal=CHLD sleep infinity"]
        with _own_namespaces_afterwards():
            _succeed(_LIBC.unshare(_NEWNET | _NEWPID))
            self._init = subprocess.Popen(init, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.pid = self._init.pid
        self._spawned: list[subprocess.Popen[bytes]] = []
        try:
            self._await_ready()
            self._network = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
            self._processes = os.open(f"/proc/{self.pid}/ns/pid", os.O_RDONLY)
        except BaseException:
            self._init.kill()
            self._init.wait()
            raise
        self.ip("link set lo up")

    def _await_ready(self) -> None:
        assert self._init.stdout is not None
        with self._init.stdout as pipe:
            if not pipe.readline():
                raise RuntimeError("no namespaces here: this needs root with CAP_SYS_ADMIN")

    def close(self) -> None:
        """Kill everything inside and wait until it is dead."""
        os.close(self._network)
        os.close(self._processes)
        self._init.kill()
        # The first process of a namespace ends last: it waits until we have reaped what we spawned.
        for process in self._spawned:
            process.wait()
        self._init.wait()

    @contextmanager
    def network(self) -> Iterator[None]:
        """Sockets made and processes started by this thread in the block belong to this network."""
        with _own_namespaces_afterwards():
            _succeed(_LIBC.setns(self._network, _NEWNET))
            yield

    def spawn(
        self, argv: Sequence[str], output: IO[bytes] | int, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a program that lives here: it sees our processes alone. It leads a process group."""
        with self.network():
            _succeed(_LIBC.setns(self._processes, _NEWPID))
            process = subprocess.Popen(
                ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt", "--", *argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output != subprocess.PIPE else None,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self._spawned.append(process)
        return process

    def run(self, *argv: str, stdin: str = "") -> str:
        """Run a command in this network to its end and return what it printed."""
        with self.network():
            done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{argv} <<< {stdin!r}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def ip(self, *commands: str) -> str:
        """Run ip(8) once for all the commands, each without the leading word."""
        return self.run("ip", "-batch", "-", stdin="\n".join(commands) + "\n")
