"""The exec check: a program that exits with 0.

No shell, no privilege, no environment, and nothing of it survives the deadline (`exec_process.py` has
the order). A program that cannot be run is an ERROR and counts as a failure.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from sidecar.checks import faults
from sidecar.checks.child import PACKAGE, Child
from sidecar.checks.probe import Finding, Phase, Tools, Watch, required
from sidecar.checks.schedule import Polled, pace_of
from sidecar.config.check_scalars import NOBODY, Identity
from sidecar.config.model import Check
from sidecar.core.events import Outcome

_STARTER: Final = str(Path(__file__).with_name("exec_process.py"))
_TAIL: Final = 4 * 1024
"""Bytes of the output that are kept, the last ones."""
_READ: Final = 64 * 1024
_SHOWN: Final = 200
_GONE: Final = 1.0


def build(check: Check, tools: Tools) -> Watch:  # noqa: ARG001 - every builder has this form
    """Return the watch of an exec check."""
    probe = ExecProbe(required(check.exec, "exec"), check.user, check.deadline)
    return Polled(probe, pace_of(check), on_end=probe.close)


class ExecProbe:
    """Runs the program once. Never two at a time: what cannot be killed is waited for."""

    def __init__(self, argv: Sequence[str], user: Identity | None, deadline: float) -> None:
        if user is None and os.geteuid() == 0:
            user = NOBODY
        who = ("-", "-") if user is None else (str(user.uid), str(user.gid))
        self._arguments = (*who, str(ceil(deadline + _GONE)), *argv)
        self._child: Child | None = None

    async def __call__(self, phase: Phase) -> Finding:
        """Pass when the program exits with 0 before the deadline, which kills it otherwise."""
        phase.reached = "the last run is still there and cannot be killed"
        if self._child is not None:
            await self._child.ended.wait()
        phase.reached = "the program has not ended"
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        output = _Pipe()
        news = _Pipe()
        try:
            self._child = Child(
                _STARTER,
                [PACKAGE, str(news.write_end), *self._arguments],
                lambda: None if ended.done() else ended.set_result(None),
                stdout=output.write_end,
                pass_fds=[news.write_end],
            )
            output.close_write_end()
            news.close_write_end()
            loop.add_reader(output.read_end, _drain, loop, output)
            try:
                await ended
            finally:
                loop.remove_reader(output.read_end)
                news.drain()
                self._child.group_below = int(news.after("group ") or 0)
                self._child.end()
            if not news.after("ended "):
                self._child.kill_below()  # nobody has tidied up
            output.drain()
        except OSError as error:
            return Finding(Outcome.ERROR, f"the program could not be run: {faults.finding(error).detail}")
        finally:
            output.close()
            news.close()
        return _judge(news, output.last_line)

    def close(self) -> None:
        """Kill what runs."""
        if self._child is not None:
            self._child.close()


def _drain(loop: asyncio.AbstractEventLoop, output: "_Pipe") -> None:
    if not output.drain():
        loop.remove_reader(output.read_end)


def _judge(news: "_Pipe", line: str) -> Finding:
    if why := news.after("failed "):
        return Finding(Outcome.ERROR, f"the program could not be run: {why}")
    if not news.after("ended "):
        # Never believe the status of who watches over it: a killed one knows nothing.
        return Finding(Outcome.ERROR, "the program could not be watched: its watcher was killed")
    status = int(news.after("ended "))
    if status == 0:
        return Finding(Outcome.PASS, "exit status 0")
    what = f"exit status {status}" if status > 0 else f"killed by {_signal_name(-status)}"
    return Finding(Outcome.FAIL, f"{what}: {line}" if line else what)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(slots=True)
class _Pipe:
    """A pipe of which the last 4 KiB are kept. Reading never blocks."""

    read_end: int = -1
    write_end: int = -1
    tail: bytes = b""

    def __post_init__(self) -> None:
        self.read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.read_end, False)

    def drain(self) -> bool:
        """Read one piece, as a flood must leave the loop its turn. Return False at the end."""
        try:
            piece = os.read(self.read_end, _READ)
        except BlockingIOError:
            return True
        self.tail = (self.tail + piece)[-_TAIL:]
        return bool(piece)

    def after(self, word: str) -> str:
        """The rest of the first line that begins with this word."""
        lines = self.tail.decode("utf-8", "replace").split("\n")
        return next((line.removeprefix(word) for line in lines if line.startswith(word)), "")

    @property
    def last_line(self) -> str:
        """The last line with something in it, bounded and printable."""
        lines = self.tail.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return "".join(c if c.isprintable() else "?" for c in last)[:_SHOWN]

    def close_write_end(self) -> None:
        """Leave writing to the child alone."""
        os.close(self.write_end)
        self.write_end = -1

    def close(self) -> None:
        """Close both ends."""
        for end in (self.read_end, self.write_end):
            if end >= 0:
                os.close(end)
        self.read_end = self.write_end = -1
