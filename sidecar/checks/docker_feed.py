"""The docker thread: follows the engine and hands observations to the checks, whatever the engine does.

The stream of events is opened first and then every container is inspected, so nothing is missed in
between. Events only say when to look; the inspect says what is so. The exception is `die`, which is
handed on before the inspect because it is the news that somebody waits for.
"""

import time
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import Final, Protocol

from sidecar.checks.container_state import (
    Away,
    ContainerEvent,
    ContainerState,
    Died,
    Missing,
    Observation,
    parse_event,
)
from sidecar.checks.docker_engine import Engine, EngineError

_OVERLAP: Final = 2_000_000_000
"""Nanoseconds before our start from which events are asked for: the engine's clock may be another's."""
_ROTATE: Final = 300.0
"""Seconds after which even a busy stream is opened anew: proxies cut streams after some minutes."""
_LOOK: Final = 5.0
"""Seconds after which every container is looked at, though events of others keep the stream from silence."""
_SHORTEST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_MIN_STREAM_LIFE: Final = 1.0

Receiver = Callable[[Observation], None]


class DockerListener(Protocol):
    """Who is told about the engine itself. Called from the docker thread."""

    def docker(self, connected: bool, detail: str) -> None:
        """Take note that the engine can be asked, or cannot any more."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""


class DockerFeed:
    """One thread, one engine, any number of containers."""

    def __init__(self, url: str, names: Iterable[str], listener: DockerListener) -> None:
        self._url = url
        self._listener = listener
        self._lock = Lock()
        self._receivers: dict[str, list[tuple[AbstractEventLoop, Receiver]]] = {name: [] for name in names}
        self._latest: dict[str, Observation] = {}
        self._seen: deque[tuple[int, str, str]] = deque(maxlen=512)
        self._connected: bool | None = None
        self._pause = _SHORTEST_PAUSE
        self._since = time.time_ns() - _OVERLAP
        self._killed: set[str] = set()
        self._stopped: set[str] = set()
        self._starved: set[str] = set()
        self._engine: Engine | None = None
        self._stopping = Event()
        # A daemon: a call into a hung engine must not keep the process from ending.
        self._thread = Thread(target=self._run, name="docker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ask the thread to end and wait at most `timeout` seconds for it."""
        self._stopping.set()
        engine = self._engine
        if engine is not None:
            engine.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def attach(self, name: str, loop: AbstractEventLoop, receive: Receiver) -> None:
        """Call `receive` on `loop` with the latest observation, if there is one, and with all that follow."""
        with self._lock:
            self._receivers[name].append((loop, receive))
            latest = self._latest.get(name)
        if latest is not None:
            receive(latest)

    def detach(self, name: str, receive: Receiver) -> None:
        """Undo `attach`."""
        with self._lock:
            self._receivers[name] = [entry for entry in self._receivers[name] if entry[1] != receive]

    def stopped(self, name: str) -> bool:
        """Say whether somebody has stopped this container, as far as events have told."""
        return name in self._stopped

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except EngineError as error:
                self._lost(error.reason, error.detail)
            except Exception as error:  # noqa: BLE001 - the thread must outlive its bugs, loudly
                self._listener.trouble("docker", "crash", f"{type(error).__name__}: {error}")
                self._lost("crash", "the docker thread had to start again")
            self._stopping.wait(self._pause)
            self._pause = min(_LONGEST_PAUSE, self._pause * 2)

    def _follow(self) -> None:
        engine = Engine(self._url)
        self._engine = engine
        try:
            while not self._stopping.is_set():
                opened = time.monotonic()
                self._one_stream(engine)
                # A stream that ends at once must not become a busy loop.
                self._stopping.wait(opened + _MIN_STREAM_LIFE - time.monotonic())
        finally:
            self._engine = None
            engine.close()

    def _one_stream(self, engine: Engine) -> None:
        engine.open_events(self._since)
        rotate_at = time.monotonic() + _ROTATE
        look_at = self._look(engine)
        self._found()
        for raw in engine.events():
            event = parse_event(raw)
            if event is not None:
                self._handle(engine, event)
            if time.monotonic() > look_at:
                look_at = self._look(engine)
            if self._stopping.is_set() or time.monotonic() > rotate_at:
                engine.interrupt()

    def _look(self, engine: Engine) -> float:
        """Inspect every container, and return when to do so again."""
        for name in self._receivers:
            self._publish(name, self._inspect(engine, name))
        return time.monotonic() + _LOOK

    def _inspect(self, engine: Engine, name: str) -> ContainerState | Missing:
        """Return the state, with a lack of memory that Docker 20.10 forgets unless the main process dies."""
        state = engine.inspect(name)
        if isinstance(state, ContainerState) and state.running and state.id in self._starved:
            return replace(state, out_of_memory=True)
        return state

    def _handle(self, engine: Engine, event: ContainerEvent) -> None:
        key = (event.at, event.id, event.action)
        if key in self._seen:
            return
        self._seen.append(key)
        self._since = max(self._since, event.at)
        concerned = [name for name in self._receivers if event.concerns(name)]
        if concerned:
            self._remember(event, concerned)
        for name in concerned:
            if event.action == "die":
                self._publish(name, Died(event.id, event.at, event.exit_code, event.id in self._killed))
            self._publish(name, self._inspect(engine, name))

    def _remember(self, event: ContainerEvent, names: list[str]) -> None:
        """Keep in mind what was done to a container, until it starts again."""
        if event.action == "start":
            self._killed.discard(event.id)
            self._starved.discard(event.id)
            self._stopped.difference_update(names)
        elif event.deadly:
            self._killed.add(event.id)
        elif event.action == "stop":
            self._stopped.update(names)
        elif event.action == "oom":
            self._starved.add(event.id)

    def _found(self) -> None:
        self._pause = _SHORTEST_PAUSE
        if self._connected is not True:
            self._connected = True
            self._listener.docker(connected=True, detail=f"connected to {self._url}")

    def _lost(self, reason: str, detail: str) -> None:
        if self._connected is False or self._stopping.is_set():
            return
        self._connected = False
        self._listener.docker(connected=False, detail=detail)
        self._listener.trouble("docker", reason, detail)
        for name in self._receivers:
            self._publish(name, Away(detail))

    def _publish(self, name: str, observation: Observation) -> None:
        with self._lock:
            self._latest[name] = observation
            receivers = list(self._receivers[name])
        for loop, receive in receivers:
            try:
                loop.call_soon_threadsafe(receive, observation)
            except RuntimeError:
                self._stopping.set()  # the checks have ended; so does their feed
