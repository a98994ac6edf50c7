"""The docker thread: follows the engine and hands observations to the checks, whatever the engine does.

The stream of events is opened first and then every container is inspected, so nothing is missed in
between. Events only say when to look; the inspect says what is so. The exception is `die`, which is
handed on before the inspect because it is the news that somebody waits for. After a stall of ours
everything that waited is history: every container is looked at before an event is, and what was found
before the stall and is not handed on yet never is.
"""

import time
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import Final, Protocol

from sidecar.checks.docker.container_event import ContainerEvent, parse_event
from sidecar.checks.docker.container_lookup import Followed, look
from sidecar.checks.docker.container_state import Away, ContainerState, Died, Missing, Observation
from sidecar.checks.docker.engine import Engine
from sidecar.checks.docker.errors import EngineError
from sidecar.plan.container import ContainerSelection
from sidecar.stall import StallWatch

_OVERLAP: Final = 2_000_000_000
"""Nanoseconds before our start from which events are asked for: the engine's clock may be another's."""
_ROTATE: Final = 300.0
"""Seconds after which even a busy stream is opened anew: proxies cut streams after some minutes."""
LOOK: Final = 5.0
"""Seconds after which every container is looked at, though events of others keep the stream from silence."""
_SHORTEST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_MIN_STREAM_LIFE: Final = 1.0

Receiver = Callable[[Observation], None]


class DockerListener(Protocol):
    """Receiver of news about the engine itself. Called from the docker thread."""

    def docker(self, connected: bool, detail: str) -> None:
        """Take note that the engine can be asked, or cannot any more."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""


class DockerFeed:
    """One thread, one engine, any number of containers."""

    def __init__(
        self,
        url: str,
        selections: Iterable[ContainerSelection],
        listener: DockerListener,
        stalls: StallWatch,
    ) -> None:
        self._url = url
        self._listener = listener
        self._stalls = stalls
        self._lock = Lock()
        self._receivers: dict[ContainerSelection, list[tuple[AbstractEventLoop, Receiver]]] = {
            selection: [] for selection in selections
        }
        self._latest: dict[ContainerSelection, Observation] = {}
        self._followed = dict.fromkeys(self._receivers, Followed())
        self._asked = stalls.clock()
        self._seen: deque[tuple[int, str, str]] = deque(maxlen=512)
        self._connected: bool | None = None
        self._why_away = ""
        self._stale = False
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

    def attach(self, selection: ContainerSelection, loop: AbstractEventLoop, receive: Receiver) -> None:
        """Call `receive` on `loop` with the latest observation, if there is one, and with all that follow."""
        with self._lock:
            self._receivers[selection].append((loop, receive))
            latest = self._latest.get(selection)
        if latest is not None:
            receive(latest)

    def detach(self, selection: ContainerSelection, receive: Receiver) -> None:
        """Undo `attach`."""
        with self._lock:
            if selection in self._receivers:
                kept = [entry for entry in self._receivers[selection] if entry[1] != receive]
                self._receivers[selection] = kept

    def follow(self, selections: Iterable[ContainerSelection]) -> None:
        """Follow these containers from now on; a new one must be here before somebody attaches to it."""
        wanted = set(selections)
        with self._lock:
            new = wanted - self._receivers.keys()
            for selection in self._receivers.keys() - wanted:
                for known in (self._receivers, self._latest, self._followed):
                    known.pop(selection, None)
            for selection in new:
                self._receivers[selection] = []
                self._followed[selection] = Followed()
                if self._connected is False:
                    self._latest[selection] = Away(self._why_away)
        engine = self._engine
        if new and engine is not None:
            engine.interrupt()

    def followed(self, selection: ContainerSelection) -> Followed:
        """Return which container was meant at the last look."""
        return self._followed.get(selection, Followed())

    def stopped(self, identity: str) -> bool:
        """Say whether somebody has stopped the container with this id, as far as events have told."""
        return identity in self._stopped

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except EngineError as error:
                # A call that took too long because we stood still says nothing about the engine, nor does a
                # filter between that is frozen yet.
                if not self._stalls.excuses(self._asked):
                    self._lost(error.reason, error.detail)
            except Exception as error:  # noqa: BLE001 - the thread must outlive its bugs, loudly
                self._listener.trouble("docker", "crash", f"{type(error).__name__}: {error}")
                self._lost("crash", "the docker thread had to start again")
            self._stopping.wait(self._pause)
            self._pause = min(_LONGEST_PAUSE, self._pause * 2)

    def _follow(self) -> None:
        self._asked = self._stalls.clock()
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
        self._asked = self._stalls.clock()
        engine.open_events(self._since)
        rotate_at = time.monotonic() + _ROTATE
        look_at = self._look(engine)
        self._found()
        for raw in engine.events():
            if time.monotonic() > look_at or self._stalls.since(self._asked):
                look_at = self._look(engine)
            event = parse_event(raw)
            if event is not None:
                self._handle(engine, event)
            self._asked = self._stalls.clock()
            if self._stopping.is_set() or time.monotonic() > rotate_at:
                engine.interrupt()

    def _look(self, engine: Engine) -> float:
        """Inspect every container, and return when to do so again."""
        for selection in self._selections():
            self._inspect(engine, selection)
        return time.monotonic() + LOOK

    def _inspect(self, engine: Engine, selection: ContainerSelection) -> None:
        """Find out how the container is now, and hand it on."""
        while True:
            self._asked = self._stalls.clock()
            state, followed = look(engine, selection, self.followed(selection))
            if not self._stalls.since(self._asked):
                break
        self._note(selection, followed)
        self._publish(selection, self._reminded(state), self._asked)

    def _selections(self) -> tuple[ContainerSelection, ...]:
        with self._lock:
            return tuple(self._receivers)

    def _note(self, selection: ContainerSelection, followed: Followed) -> None:
        with self._lock:
            if selection in self._receivers:
                self._followed[selection] = followed

    def _reminded(self, state: ContainerState | Missing) -> ContainerState | Missing:
        """Return the state, with a lack of memory that Docker 20.10 forgets unless the main process dies."""
        if isinstance(state, ContainerState) and state.running and state.id in self._starved:
            return replace(state, out_of_memory=True)
        return state

    def _handle(self, engine: Engine, event: ContainerEvent) -> None:
        key = (event.at, event.id, event.action)
        if key in self._seen:
            return
        self._seen.append(key)
        self._since = max(self._since, event.at)
        concerned = [selection for selection in self._selections() if self._concerns(event, selection)]
        if concerned:
            self._remember(event)
        for selection in concerned:
            followed = self.followed(selection)
            # Where another one fits as well, it is looked first whether there was anything to lose.
            if event.action == "die" and event.id == followed.id and not followed.others:
                death = Died(event.id, event.at, event.exit_code, event.id in self._killed)
                self._publish(selection, death, self._stalls.clock())
            self._inspect(engine, selection)

    def _concerns(self, event: ContainerEvent, selection: ContainerSelection) -> bool:
        followed = self.followed(selection)
        if event.id != followed.id:
            return event.selected_by(selection)
        if event.action == "rename":
            self._note(selection, replace(followed, name=event.name))
        return True

    def _remember(self, event: ContainerEvent) -> None:
        """Keep in mind what was done to a container, until it starts again or is gone."""
        if event.action in ("start", "destroy"):
            self._killed.discard(event.id)
            self._starved.discard(event.id)
            self._stopped.discard(event.id)
        elif event.deadly:
            self._killed.add(event.id)
        elif event.action == "stop":
            self._stopped.add(event.id)
        elif event.action == "oom":
            self._starved.add(event.id)

    def _found(self) -> None:
        self._pause = _SHORTEST_PAUSE
        self._stale = False
        if self._connected is not True and not self._stopping.is_set():
            self._connected = True
            self._listener.docker(connected=True, detail=f"connected to {self._url}")

    def _lost(self, reason: str, detail: str) -> None:
        # Telling it once is enough; but that the socket is an old one shows only at the second try.
        known = self._stale or (self._connected is False and reason != "stale")
        if known or self._stopping.is_set():
            return
        with self._lock:
            self._connected, self._stale, self._why_away = False, reason == "stale", detail
        self._listener.docker(connected=False, detail=detail)
        self._listener.trouble("docker", reason, detail)
        for selection in self._selections():
            self._publish(selection, Away(detail), self._stalls.clock())

    def _publish(self, selection: ContainerSelection, observation: Observation, found_at: float) -> None:
        with self._lock:
            if selection not in self._receivers:
                return
            self._latest[selection] = observation
            receivers = list(self._receivers[selection])
        for loop, receive in receivers:
            try:
                loop.call_soon_threadsafe(self._hand_on, receive, observation, found_at)
            except RuntimeError:
                self._stopping.set()  # the checks have ended; so does their feed

    def _hand_on(self, receive: Receiver, observation: Observation, found_at: float) -> None:
        """In the loop of the checks. Events from before a stall are old: look again."""
        if not self._stalls.since(found_at):
            receive(observation)
            return
        engine = self._engine
        if engine is not None:
            engine.interrupt()
