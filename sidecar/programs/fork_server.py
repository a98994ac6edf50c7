"""Starts programs without a fork of ours: a small process does it and hands us a pidfd.

See `fork_server_process.py` for the other side and the reason.
"""

import asyncio
import contextlib
import errno
import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sidecar.channel.fd_passing import LONGEST, receive
from sidecar.programs.child import Child

ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}
"""All that a program knows unless it is told more: nothing of ours."""
_PACKAGE: Final = str(Path(__file__).parents[2])
_CODE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from sidecar.programs.fork_server_process import main; main(int(sys.argv[2]))"
)
_HUNG: Final = 5.0
"""Seconds without an answer after which a server is replaced."""
_END_TIMEOUT: Final = 0.5


class ForkServer:
    """Belongs to one event loop. Starts with the first program, and again after it has died or hung.

    `lost` is told when that happens: the programs that ran have ended with it.
    """

    def __init__(self, lost: Callable[[str], None] = lambda _: None) -> None:
        self._lost = lost
        self._life: _Life | None = None

    async def start(
        self,
        program: str,
        arguments: Sequence[str],
        descriptors: Sequence[int],
        environment: Mapping[str, str] = ENVIRONMENT,
        folder: str = "/",
    ) -> Child:
        """Start a program of the table of `fork_server_process.py`; its output is the first descriptor.

        Raise OSError when that fails. A program whose caller was cancelled meanwhile is killed.
        """
        request = {
            "start": program,
            "arguments": [*arguments],
            "environment": dict(environment),
            "folder": folder,
        }
        started = self._living().ask(json.dumps(request).encode(), descriptors)
        try:
            return await started
        except asyncio.CancelledError:
            # Cancelled between the answer and our turn: nobody else knows this child.
            if started.done() and not started.cancelled() and started.exception() is None:
                started.result().kill()
            raise

    def prepare(self) -> None:
        """Start the server now, and not with the first program, which will say so if that fails."""
        with contextlib.suppress(OSError):
            self._living()

    def close(self) -> None:
        """End the server and every program, which takes milliseconds; wait for half a second at most."""
        life, self._life = self._life, None
        if life is not None:
            life.close()
            life.abandon()

    def _living(self) -> "_Life":
        if self._life is not None:
            # This process may have stalled: answers that came meanwhile are read before the clock is asked.
            self._life.hear()
        if self._life is not None and self._life.hung:
            self._life.kill()
            self._mourn(f"has not answered for {_HUNG:g} s")
        if self._life is None:
            self._life = _Life(self._ended)
        return self._life

    def _ended(self) -> None:
        self._mourn("has ended")

    def _mourn(self, why: str) -> None:
        life, self._life = self._life, None
        if life is not None:
            status = life.close()
            self._lost(f"the process that starts programs {why} (exit status {status})")


class _Life:
    """One process that forks, and our end of its socket. `ended` is called when it hangs up."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._asked: deque[tuple[float, asyncio.Future[Child]]] = deque()
        self._children: set[Child] = set()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        with theirs:
            try:
                self._process = _begin(theirs.fileno())
            except OSError:
                self._socket.close()
                raise
        self._loop.add_reader(self._socket, self.hear)

    @property
    def over(self) -> bool:
        """Whether it answers no more."""
        return self._socket.fileno() < 0

    @property
    def hung(self) -> bool:
        """Whether it lives and does not answer."""
        return bool(self._asked) and self._loop.time() - self._asked[0][0] > _HUNG

    def ask(self, request: bytes, descriptors: Sequence[int]) -> asyncio.Future[Child]:
        """Send a request. Raise OSError when it cannot be sent."""
        if len(request) > LONGEST:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        socket.send_fds(self._socket, [request], descriptors)
        answer: asyncio.Future[Child] = self._loop.create_future()
        self._asked.append((self._loop.time(), answer))
        return answer

    def kill(self) -> None:
        """Kill it. Its children get SIGTERM from the kernel."""
        self._process.kill()

    def close(self) -> int | None:
        """Hang up, which ends it, tell what it has started to end, and return its exit status."""
        self._hang_up()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_TIMEOUT)
        for child in self._children:
            child.end()
        return self._process.returncode

    def abandon(self) -> None:
        """Kill what is left of its children, and wait for them no longer: the loop ends."""
        for child in [*self._children]:
            child.kill()
            child.let_go()

    def hear(self) -> None:
        """Take every answer that has come."""
        while not self.over:
            try:
                data, descriptors = receive(self._socket, LONGEST, 1)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                self._answered(data, descriptors)
            else:
                self._hang_up()
                self._ended()

    def _answered(self, data: bytes, descriptors: Sequence[int]) -> None:
        _, answer = self._asked.popleft()
        said = json.loads(data)
        if "errno" in said:
            if not answer.done():
                answer.set_exception(OSError(said["errno"], os.strerror(said["errno"])))
            return
        child = Child(said["pid"], descriptors[0], self._children.discard)
        self._children.add(child)
        if answer.done():
            child.kill()
        else:
            answer.set_result(child)

    def _hang_up(self) -> None:
        if self.over:
            return
        self._loop.remove_reader(self._socket)
        self._socket.close()
        while self._asked:
            _, answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(OSError(errno.ECHILD, "the process that starts programs has ended"))


def _begin(descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - an argument list, no shell
        [sys.executable, "-I", "-S", "-B", "-c", _CODE, _PACKAGE, str(descriptor)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=ENVIRONMENT,
        start_new_session=True,
        pass_fds=[descriptor],
        # A request with a user gets fork(2). With vfork(2) the interpreter would be held until the child was
        # scheduled and has called exec: on a busy machine longer than an advert may be late.
        user=os.geteuid(),
    )
