"""Looks at a router through the channel: what is shown was true after the look had begun.

Modules: router.heartbeat, router.publisher, router.supervisor, observer.refresh, observer.picture,
observer.channel, telemetry.status_store.
"""

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Self

import pytest

from sidecar.channel.down import Beat, CheckShown, Down, Pulse, RouterProcess, RouterShown
from sidecar.channel.up import Alive, Ready
from sidecar.clock import clock
from sidecar.core.health.params import CheckParams
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.event_loop import EventLoop
from sidecar.observer.channel import RouterChannel
from sidecar.observer.picture import Picture
from sidecar.observer.refresh import Refresh
from sidecar.privileges import Privileges
from sidecar.router.handed import Handed
from sidecar.router.heartbeat import Heartbeat
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.observer_process import Started
from sidecar.router.publisher import Publisher
from sidecar.router.supervisor import Supervisor
from sidecar.router.tallies import Tallies
from sidecar.telemetry.processes import ObserverFacts
from sidecar.telemetry.status_store import StatusStore
from tests.fuzz.channel_decoders import PROCESS, SNAPSHOT

ENOUGH = 20.0
FACTS = ObserverFacts(7, Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True), 0)


class Observer:
    """The end that shows, in a thread of its own. A process beside it lives and dies in its place."""

    def __init__(self, descriptor: int) -> None:
        self.process = subprocess.Popen(["sleep", "600"])
        self.status_store = StatusStore(clock)
        self.patient = True
        """Whether the router counts as one that runs."""
        self._end = os.dup(descriptor)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(),))
        self._over = asyncio.Event()
        self._thread.start()

    def end(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()
        self.process.kill()
        with suppress(ChildProcessError):  # the supervisor has reaped it
            os.waitpid(self.process.pid, 0)
        self.process.returncode = 0

    async def _live(self) -> None:
        channel = RouterChannel(self._end)
        await channel.greeting()
        picture = Picture(self.status_store, "a", 1, 0, FACTS, tuple)
        refresh = Refresh(self._loop, channel.send, lambda: "R" if self.patient else "T")
        self.status_store.look = refresh.look

        def receive(message: Down) -> None:
            match message:
                case RouterShown() | CheckShown():
                    picture.take(message)
                case Beat(at):
                    self.status_store.beat(at)
                case Pulse():
                    picture.pulse(message)
                    refresh.told(message.answers)

        channel.follow(receive, lambda _: self._over.set())
        channel.send(Ready())
        while not self._over.is_set():
            channel.send(Alive(clock(), channel.received))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), 0.5)
        channel.close()


class Router:
    """A router whose one state is a number that grows, in a thread of its own."""

    def __init__(self) -> None:
        self.loop = EventLoop()
        self.observers: list[Observer] = []
        self.state = 0.0
        self.going_on = threading.Event()
        self.going_on.set()
        handed = Handed(b"", tuple[CheckParams, ...](), IcmpSockets())
        self.supervisor = Supervisor(
            self.loop,
            handed,
            lambda _: None,
            tuple,
            self._greeted,
            lambda _: None,
            self._start,
        )
        publisher = Publisher(self.supervisor.talk, Tallies(), clock())
        self.heart = Heartbeat(
            self.loop, self.supervisor, publisher, lambda: False, lambda: Standing(None, ()), self._present
        )
        self._ended = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self.going_on.set()
        self.loop.call_soon(lambda: None)
        self._thread.join()
        self.supervisor.close()
        for each in self.observers:
            each.end()
        self.loop.close()

    def status_store(self) -> StatusStore:
        """That of the observer of this moment, once it shows something."""
        return eventually(
            lambda: self.observers[-1].status_store if self.observers[-1].status_store.view() else None
        )

    def _run(self) -> None:
        self.supervisor.begin()
        self.heart.beat()
        while not self._ended:
            self.loop.turn(clock() + 0.001)
            self.state += 1
            self.going_on.wait()

    def _start(self, descriptor: int) -> Started:
        observer = Observer(descriptor)
        self.observers.append(observer)
        return Started(observer.process.pid, os.pidfd_open(observer.process.pid))

    def _greeted(self) -> None:
        self.heart.greeted()

    def _present(self) -> tuple[Snapshot, RouterProcess]:
        shown = replace(SNAPSHOT, since=self.state)
        return Snapshot("a", clock(), (shown,), (), stopping=False), PROCESS


def eventually(condition: Callable[[], StatusStore | None]) -> StatusStore:
    ends = time.monotonic() + ENOUGH
    while time.monotonic() < ends:
        with suppress(IndexError):
            if (found := condition()) is not None:
                return found
        time.sleep(0.001)
    raise AssertionError


def looked(router: Router, status_store: StatusStore) -> tuple[float, float]:
    """Look; return the state before that, and the one that is shown."""
    before = router.state
    status_store.refresh()
    view = status_store.view()
    assert view is not None
    return before, view.snapshot.routers[0].since


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    monkeypatch.setattr("sidecar.router.heartbeat.SPACING", 0.001)
    monkeypatch.setattr("sidecar.observer.refresh.PATIENCE", ENOUGH)
    with Router() as router:
        yield router


def test_whoever_looks_sees_nothing_older_than_the_look(router: Router) -> None:
    status_store = router.status_store()
    with ThreadPoolExecutor(4) as threads:
        looks = [threads.submit(looked, router, status_store) for _ in range(60)]
    assert [each.result() for each in looks if each.result()[1] < each.result()[0]] == []


def test_the_next_observer_is_told_everything_and_answered(router: Router) -> None:
    first = router.status_store()
    looked(router, first)
    router.observers[0].process.kill()
    eventually(lambda: first if len(router.observers) > 1 else None)
    before, shown = looked(router, router.status_store())
    assert shown >= before


def test_a_router_that_stands_still_is_shown_as_stuck_with_what_was_told_last(router: Router) -> None:
    status_store = router.status_store()
    looked(router, status_store)
    router.going_on.clear()
    router.observers[-1].patient = False
    while status_store.alive():
        status_store.refresh()
    view = status_store.view()
    assert view is not None
    assert not view.alive
    assert not view.believed
    router.going_on.set()
    router.observers[-1].patient = True
    before, shown = looked(router, status_store)
    assert shown >= before
