"""Real processes in the place of the observer, each with one fault, and a loop that supervises them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sidecar.clock import clock
from sidecar.core.health.observer_events import CheckVerdict, ObserverEvent
from sidecar.core.health.params import CheckParams
from sidecar.event_loop import EventLoop
from sidecar.router.handed import Handed
from sidecar.router.heartbeat import SOON
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.observer_process import Started
from sidecar.router.supervisor import Heard, Supervisor
from tests.fuzz.channel_decoders import VERDICT

ROOT: Final = Path(__file__).parents[3]
CHECKS: Final = (CheckParams("http", "http"), CheckParams("uplink", "link"))

OPENING: Final = """
import os, signal, socket, sys, time
from sidecar.channel.down import DOWN, RouterEnds, Line, PlanPiece
from sidecar.channel.endpoint import Endpoint, Hungup
from sidecar.channel.send_queue import Importance
from sidecar.channel.up import UP, Alive, Fresh, FreshResults, Ready
from sidecar.clock import clock
from sidecar.core.health.observer_events import CheckVerdict

end = Endpoint(socket.socket(fileno=int(sys.argv[1])), UP, DOWN, clock)
verdict = CheckVerdict("http", True, False, "200 in 3 ms", 1.0, 2.0)

def say(*messages):
    for message in messages:
        end.send(message, Importance.LOUD)

def read():
    try:
        return end.receive()
    except Hungup:
        sys.exit(0)

def live(act=lambda: None, lines=None):
    while True:
        say(Alive(clock(), end.received))
        for message in read():
            if isinstance(message, Line) and lines is not None:
                print(message.event, dict(message.fields).get("detail", ""), file=lines, flush=True)
            if isinstance(message, RouterEnds):
                sys.exit(0)
        act()
        time.sleep(0.05)

while end.receive_descriptors() is None:
    time.sleep(0.01)
"""
GOOD: Final = "say(Ready(), verdict)\nlive()"


class Observers:
    """Starts these programs one after the other; the last one again and again."""

    def __init__(self, programs: list[str]) -> None:
        self._programs = programs
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self, descriptor: int) -> Started:
        number = min(len(self.started), len(self._programs) - 1)
        process = subprocess.Popen(
            [sys.executable, "-c", OPENING + self._programs[number], str(descriptor)],
            cwd=ROOT,
            pass_fds=[descriptor],
        )
        self.started.append(process)
        return Started(process.pid, os.pidfd_open(process.pid))

    def close(self) -> None:
        for process in self.started:
            process.kill()
            with suppress(ChildProcessError):  # the supervisor has reaped it
                os.waitpid(process.pid, 0)
            process.returncode = 0


class Stage:
    """A supervisor at work."""

    def __init__(self, *programs: str, plan: bytes = b"the plan", icmp: IcmpSockets | None = None) -> None:
        self.loop = EventLoop()
        self.observers = Observers(list(programs))
        self.events: list[Heard] = []
        self.faults: list[str] = []
        self.greeted = 0
        self.believed: tuple[CheckVerdict, ...] = (VERDICT,)
        self.supervisor = Supervisor(
            self.loop,
            Handed(plan, CHECKS, IcmpSockets() if icmp is None else icmp),
            self.events.append,
            lambda: self.believed,
            self._greeted,
            self.faults.append,
            self.observers,
        )
        self._beat()
        self.supervisor.begin()

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> float:
        """Turn the loop until that is so; return the seconds that it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + seconds, (self.events, self.supervisor.restarts)
            self.loop.turn(clock() + 0.05)
        return time.monotonic() - began

    def turn(self, seconds: float) -> None:
        ends = clock() + seconds
        while clock() < ends:
            self.loop.turn(ends)

    def heard(self, kind: type[ObserverEvent]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    def close(self) -> None:
        self.supervisor.close()
        self.observers.close()
        self.loop.close()

    def _greeted(self) -> None:
        self.greeted += 1

    def _beat(self) -> None:
        self.supervisor.look(clock())
        self.loop.call_later(SOON, self._beat)
