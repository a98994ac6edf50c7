"""Pictures and totals are asked from the router when somebody looks: nothing is told that nobody sees."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import Final

from sidecar.channel.up import Look
from sidecar.clock import clock

PATIENCE: Final = 1.5
"""Seconds to wait at most, which is less than `healthcheck` and other hosts wait for us."""
LOST: Final = 0.5
"""Seconds after which a question is asked again: either end may have had no room for it or for the answer."""
_STEP: Final = 0.03
"""Seconds between two looks at what the router does instead of answering."""
_STANDS: Final = 2
"""Such looks one after the other that find it stopped, or blocked in the kernel."""
_SLEEPS: Final = 10
"""The same that find it waiting for its next turn: pictures of many routers are told some time apart."""
_RUNNING, _SLEEPING = "R", "S"


class Refresh:
    """`look` is for threads that are about to show something, `told` for the thread of the loop.

    `ask` is called in the loop. `state` is that of the router (proc_pid_stat(5)). While it runs or waits for
    a processor an answer comes, late on a busy machine. One that stands still is not waited for. One question
    is under way at a time, whatever the number of threads that wait.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, ask: Callable[[Look], None], state: Callable[[], str]
    ) -> None:
        self._loop = loop
        self._send = ask
        self._state = state
        self._answered = Condition()
        self._asked = self._told = 0
        self._asked_at = 0.0
        self._turns = 0
        self._totals = False
        self.again = False
        """Whether somebody has begun to look since the question that is under way."""

    def look(self, totals: bool = False) -> None:
        """Return when the status store shows how things were after this call, or the router does not answer.

        A router that stands still is waited for 60 ms if it is stopped or blocked in the kernel, 0.3 s if it
        only waits, others 1.5 s. One
        that seems to, while the loop of this process has had no turn to ask or to read, is one of the others.
        With `totals`, those of its counters are shown, too.
        """
        with self._answered:
            self._totals |= totals
            number = self._asked + 1
            if self._under_way:
                # Its answer may have been written before now.
                self.again = True
            else:
                self._ask()
            ends, stands, turns = clock() + PATIENCE, 0, self._turns
            self._call(self._turn)
            while not self._answered.wait_for(lambda: self._told >= number, _STEP):
                state = self._state()
                stands = 0 if self._turns == turns or state == _RUNNING else stands + 1
                turns = self._turns
                self._call(self._turn)
                if stands >= (_SLEEPS if state == _SLEEPING else _STANDS) or clock() >= ends:
                    return
                if not self._under_way and self._told < number:
                    self._ask()

    def told(self, number: int) -> None:
        """The router has answered this question, and those before it."""
        with self._answered:
            self._told = max(self._told, number)
            if self._told >= self._asked:
                if self.again:
                    self._ask()
                else:
                    self._totals = False
            self._answered.notify_all()

    @property
    def _under_way(self) -> bool:
        return self._asked > self._told and clock() < self._asked_at + LOST

    def _ask(self) -> None:
        self._asked += 1
        self._asked_at, self.again = clock(), False
        self._call(self._send, Look(self._asked, self._totals))

    def _turn(self) -> None:
        self._turns += 1

    def _call(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(work, *arguments)
        except RuntimeError:  # the loop has ended: nobody answers any more
            self._told = self._asked


def state(pid: int) -> str:
    """Return the letter for the state of a process's main thread (proc_pid_stat(5)), "" if it is gone."""
    try:
        words = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # The name of the program is in brackets, and may have any character in it.
    return words.rpartition(b") ")[2][:1].decode()


def router_state() -> str:
    """Return the letter for the state of the router, which has started this process."""
    return state(os.getppid())
