"""What reloads leave behind in the router: nothing, though each of them brings names never seen before."""

import gc
import os
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_interface
from typing import Final, cast

import pytest

from sidecar.channel.down import DOWN, Down, PlanPiece
from sidecar.channel.endpoint import Endpoint
from sidecar.channel.package import Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.channel.reload import Commit, Exchange, Exchanged, Prepared, Reading
from sidecar.channel.send_queue import Importance
from sidecar.channel.up import UP, Alive, Ready, Up
from sidecar.clock import clock
from sidecar.core.actions import Action, PacketDropped, Transition, Warned
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import Reason, State
from sidecar.core.wire.advert import Drop
from sidecar.event_loop import EventLoop
from sidecar.net.network import Network
from sidecar.net.router_lock import RouterLocks
from sidecar.router.handed import Handed
from sidecar.router.hands import RouterHands
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.observer_process import Started
from sidecar.router.process_facts import ProcessFacts
from sidecar.router.publisher import Publisher
from sidecar.router.reload import Reload
from sidecar.router.reporter import RouterReporter
from sidecar.router.supervisor import Supervisor
from sidecar.router.tallies import Tallies

pytestmark = pytest.mark.parts

WEB: Final = RouterParams("web", "eth0", 51, 100, (ip_interface("10.77.0.100/32"),))
WARM: Final = 50
RELOADS: Final = 250
LEFT: Final = 100
"""Bytes for each reload that may be left: half a line in a dictionary."""
GARBAGE: Final = 100
"""Unreachable objects in the end: those of the last reloads, not of all."""


class Elsewhere:
    """The parts of a router that are in the kernel: other tests are about them."""

    def exchange(self, _: tuple[RouterParams, ...]) -> None: ...

    def acquire(self, _: tuple[RouterParams, ...], __: Callable[[str], None], *, wait: float) -> None: ...

    def keep(self, _: tuple[RouterParams, ...]) -> None: ...


def package(number: int) -> Package:
    """Another router with another name, VIP and VRID, and another check."""
    vip = ip_interface(f"10.78.{number % 250}.1/32")
    other = replace(WEB, name=f"r{number}", vrid=52 + number % 100, addresses=(vip,))
    checks = CheckParams("http", "http"), CheckParams(f"c{number}", "tcp")
    params = NodeParams("a", (replace(WEB, priority=100 + number % 100), other), checks)
    return Package(NODE_PARAMS.encode(params), b"a plan", 0, 0)


class Observer:
    """An observer in this thread, which exchanges whatever it is given; its process only lives."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["sleep", "600"])
        self._end: Endpoint[Up, Down] | None = None
        self._given = 0

    def __call__(self, descriptor: int) -> Started:
        self._end = Endpoint(socket.socket(fileno=os.dup(descriptor)), UP, DOWN, clock)
        self._say(Ready())
        return Started(self._process.pid, os.pidfd_open(self._process.pid))

    def serve(self) -> None:
        """Answer what has come."""
        assert self._end is not None
        messages = self._end.receive()
        for message in messages:
            match message:
                case Exchange(number):
                    self._given = number
                case PlanPiece() if self._given:
                    self._say(Prepared(self._given))
                case Commit(number):
                    self._say(Exchanged(number))
        if messages:
            self._say(Alive(clock(), self._end.received))

    def close(self) -> None:
        self._process.kill()
        with suppress(ChildProcessError):  # the supervisor has reaped it
            os.waitpid(self._process.pid, 0)
        self._process.returncode = 0
        if self._end is not None:
            self._end.close()

    def _say(self, message: Up) -> None:
        assert self._end is not None
        self._end.send(message, Importance.LOUD)


class Router:
    """A router without a network, that reads a new package each time."""

    def __init__(self) -> None:
        self.loop, self.observer, self.number = EventLoop(), Observer(), 0
        params = NODE_PARAMS.decode(package(0).node)
        self.supervisor = Supervisor(
            self.loop,
            Handed(b"", params.checks, IcmpSockets()),
            lambda _: None,
            lambda: (),
            lambda: None,
            lambda _: None,
            self.observer,
        )
        self.supervisor.begin()
        talk, tallies = self.supervisor.talk, Tallies()
        self.node = Node(params, clock())
        self.reporter = RouterReporter(tallies, talk.tell)
        self.publisher = Publisher(talk, tallies, clock())
        elsewhere = Elsewhere()
        hands = RouterHands(
            self.node,
            cast("Network", elsewhere),
            cast("RouterLocks", elsewhere),
            self.supervisor,
            self.publisher,
            self.reporter,
            self.note,
            lambda: None,
            lambda: self.publisher.pulse(self.node.snapshot(clock()), ProcessFacts().now(0, 0)),
        )
        self.reload = Reload(self.loop, "", package(0), hands)
        self.reload.begin()

    def note(self, actions: list[Action], now: float) -> None:
        self.reporter.note(now, actions)

    def once(self) -> None:
        """One reload, of routers about which there is something to tell."""
        self.number += 1
        name = f"r{self.number}"
        self.reload.ask()
        ends = time.monotonic() + 30
        while all(router.name != name for router in self.node.params.routers):
            assert time.monotonic() < ends
            self.turn()
        happened: Iterable[Action] = (
            Transition(name, State.BACKUP, State.MASTER, Reason.MASTER_DOWN, "silence"),
            PacketDropped(name, "eth0", None, Drop.TTL, 1),
            Warned(name, "vrrp", "send_failed", "ENETDOWN"),
        )
        self.reporter.note(clock(), happened)
        self.turn()

    def turn(self) -> None:
        """A turn of the loop, a step of the core, and the observer's answers."""
        self.loop.turn(clock() + 0.001)
        self.reporter.note(clock(), self.node.step([], clock()))
        self.reload.look()
        self.observer.serve()

    def close(self) -> None:
        self.reload.stop()
        self.supervisor.close()
        self.observer.close()
        self.loop.close()


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    made = Router()

    class Readings:
        """A file that is another one each time."""

        pid = None

        def __init__(self, loop: EventLoop, _: str, done: Callable[[Reading], None]) -> None:
            loop.call_soon(lambda: done(Reading(package(made.number), "", b"{}")))

        def start(self, _: Package) -> None: ...

        def cancel(self) -> None: ...

    monkeypatch.setattr("sidecar.router.reload.Rereading", Readings)
    yield made
    made.close()


def held(loop: EventLoop) -> tracemalloc.Snapshot:
    """Return what is held, apart from what is bounded elsewhere."""
    # The loop forgets timers that were cancelled when they would be due.
    loop._timers[:] = sorted(timer for timer in loop._timers if timer[2].callback is not None)
    # The interpreter keeps a name for each lookup of a class pattern, some hundreds of them.
    sys._clear_type_cache()
    gc.collect()
    return tracemalloc.take_snapshot()


def test_reloads_leave_nothing_behind(router: Router) -> None:
    # As the router does it: what is there at the start is not looked at again. And nothing is owed to a
    # collection that comes by chance.
    gc.collect()
    gc.freeze()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(WARM):
            router.once()
        before = held(router.loop)
        for _ in range(RELOADS):
            router.once()
        unreachable = gc.collect()
        grown = held(router.loop).compare_to(before, "lineno")
    finally:
        tracemalloc.stop()
        gc.enable()
        gc.unfreeze()
    assert router.supervisor.restarts == 0
    # One reload makes some thirty objects that only a collection can free.
    assert unreachable <= GARBAGE
    assert sum(each.size_diff for each in grown) <= LEFT * RELOADS, [str(each) for each in grown[:10]]
