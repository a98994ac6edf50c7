"""The process that starts programs: small, single-threaded and always waiting.

Run by an interpreter of its own, without site packages (`fork_server.py` is the other side); imports only
what needs none. Speaks with the sidecar over a SOCK_SEQPACKET socket. A message is a JSON object:

  {"start": NAME, "arguments": [...], "environment": {...}, "folder": PATH}
      comes with the descriptors of the program;
  {"pid": N} with a pidfd, or {"errno": N}
      goes back.

Starting a program in a process that has threads and an interpreter lock stops all of them while the
kernel copies its page tables (fork) or until the program is found on its disk (vfork). Here that delays
nobody.

Processes whose parent was killed are adopted (PR_SET_CHILD_SUBREAPER), killed and reaped. When the
sidecar closes its end or dies, the programs are asked to end, then killed, and this process ends.
"""

import contextlib
import errno
import gc
import json
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from sidecar.channel.fd_passing import LONGEST, receive
from sidecar.programs import confined, pattern_search, plain
from sidecar.programs.child_processes import adopt_orphans, children, die_with_parent, kill

Program = Callable[[Sequence[int], Sequence[str]], object]
"""The work of a child with its descriptors, the first of which is its output, and its arguments."""
_DESCRIPTORS: Final = 4
_PATIENCE: Final = 0.15
_UNDEAD: Final = 16
"""Killed processes that may be stuck in the kernel before no more programs are started."""
_LOOK_AGAIN: Final = 1000
"""Milliseconds."""


PROGRAMS: Final[Mapping[str, Program]] = {
    "confined": confined.run,
    "pattern": pattern_search.run,
    "plain": plain.run,
}


def main(descriptor: int) -> None:
    """Serve on this socket until the sidecar is gone."""
    adopt_orphans()
    # Every child shares this memory with us; a collection would touch, and copy, all of it.
    gc.collect()
    gc.freeze()
    _Server(socket.socket(fileno=descriptor)).serve()


class _Server:
    def __init__(self, asker: socket.socket) -> None:
        self._asker = asker
        self._children: set[int] = set()
        self._wake, self._wake_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_end, warn_on_full_buffer=False)

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self._asker, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        childless = True
        try:
            while True:
                # The kernel may leave a child out of its list while another one exits: look again.
                ready = {fd for fd, _ in poll.poll(None if childless else _LOOK_AGAIN)}
                self._forget_wakes()
                childless = self._sweep()
                if self._asker.fileno() in ready:
                    if not self._listen():
                        return
                    childless = False
        except ConnectionError:
            return
        finally:
            self._end_all()

    def _listen(self) -> bool:
        """Carry out one request. Return False when there will be no more."""
        data, descriptors = receive(self._asker, LONGEST, _DESCRIPTORS)
        if not data:
            return False
        try:
            self._answer(*self._start(json.loads(data), descriptors))
        finally:
            for each in descriptors:
                os.close(each)
        return True

    def _answer(self, answer: Mapping[str, int], pidfd: int | None) -> None:
        message = json.dumps(answer).encode()
        if pidfd is None:
            self._asker.send(message)
            return
        try:
            socket.send_fds(self._asker, [message], [pidfd])
        finally:
            os.close(pidfd)

    def _start(
        self, request: Mapping[str, Any], descriptors: Sequence[int]
    ) -> tuple[Mapping[str, int], int | None]:
        if len(children() - self._children) > _UNDEAD:
            return {"errno": errno.EBUSY}, None
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            return {"errno": error.errno or 0}, None
        if pid == 0:
            self._be(request, descriptors, parent)
        self._children.add(pid)
        try:
            return {"pid": pid}, os.pidfd_open(pid)
        except OSError as error:
            os.kill(pid, signal.SIGKILL)
            return {"errno": error.errno or 0}, None

    def _be(self, request: Mapping[str, Any], descriptors: Sequence[int], parent: int) -> NoReturn:
        """Be the program."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            die_with_parent(parent)
            for output in (1, 2):
                os.dup2(descriptors[0], output)
            for ours in (self._asker.fileno(), self._wake, self._wake_end):
                os.close(ours)
            os.chdir(request["folder"])
            os.environ.clear()
            os.environ.update(request["environment"])
            PROGRAMS[request["start"]](descriptors, request["arguments"])
            os._exit(0)
        except BaseException:  # noqa: BLE001 - nothing of a child may return into the server
            traceback.print_exc()
        finally:
            os._exit(1)

    def _sweep(self) -> bool:
        """Reap who has died, and kill whoever was left behind. Return whether there is no child any more."""
        try:
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._children.discard(pid)
        except ChildProcessError:
            return True
        for orphan in children() - self._children:
            kill(orphan)
        return False

    def _end_all(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self._children:
                kill(pid, number)
            deadline = time.monotonic() + _PATIENCE
            while not self._sweep() and (left := deadline - time.monotonic()) > 0:
                select.select([self._wake], [], [], left)
                self._forget_wakes()

    def _forget_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
