"""Restarts containers whose check is down, where the configuration says `on_fail: restart`.

In a thread of its own with a connection of its own: a restart takes seconds. Only what was up before in
this life of ours is restarted, and only after a look: not what somebody has stopped or paused, not what
Docker is starting itself, not what runs. Where restarts are forbidden this is said once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from threading import Condition, Thread
from time import monotonic
from typing import Final, Protocol

from sidecar.checks.docker.container_lookup import Followed, look
from sidecar.checks.docker.container_state import ContainerState, Missing, verdict
from sidecar.checks.docker.engine import Engine
from sidecar.checks.docker.errors import EngineError
from sidecar.checks.docker.restart_budget import RestartBudget
from sidecar.core.health.result import Outcome
from sidecar.plan.container import ContainerSelection

LOOK_AGAIN: Final = 5.0
"""Seconds until the next look at a container that could not be restarted, or was not to be."""
_STARTABLE: Final = ("exited", "dead", "running")


class Containers(Protocol):
    """The known state of the containers. May be asked from any thread."""

    def followed(self, selection: ContainerSelection) -> Followed:
        """Return which container was meant at the last look."""

    def stopped(self, identity: str) -> bool:
        """Say whether somebody has stopped the container with this id."""


class RestartListener(Protocol):
    """Receiver of reports. Called from the restarts thread; must be thread-safe and quick."""

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Count a try (ok, denied or failed) and log it unless it is `quiet`."""


@dataclass(slots=True)
class _Patient:
    """A container that is watched, and the restarts that it may have."""

    container: ContainerSelection
    budget: RestartBudget = field(default_factory=RestartBudget)
    seen_up: bool = False
    down_since: float = inf
    not_before: float = -inf

    @property
    def due_at(self) -> float:
        if not self.seen_up or self.down_since == inf:
            return inf
        return max(self.not_before, self.budget.next_at(self.down_since))


class ContainerRestarts:
    """`containers`: by check name. The one that a check follows is the one that is restarted."""

    def __init__(
        self,
        url: str,
        containers: Mapping[str, ContainerSelection],
        known: Containers,
        listener: RestartListener,
    ) -> None:
        self._url = url
        self._known = known
        self._listener = listener
        self._patients = {check: _Patient(container) for check, container in containers.items()}
        self._news = Condition()
        self._stopping = False
        self._refused = False
        # A daemon: a call into a hung engine must not keep the process from ending.
        self._thread = Thread(target=self._run, name="restarts", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ask the thread to end and wait at most `timeout` seconds for it."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def verdict(self, check: str, *, up: bool) -> None:
        """The verdict on a check changed. May be called from any thread; returns at once."""
        patient = self._patients.get(check)
        if patient is None:
            return
        with self._news:
            patient.seen_up = patient.seen_up or up
            patient.down_since = inf if up else monotonic()
            patient.not_before = -inf
            self._news.notify()

    def exchange(self, containers: Mapping[str, ContainerSelection], verdicts: Mapping[str, bool]) -> None:
        """Care for these from now on. `verdicts`: what was said of a check that was not cared for before.

        A restart under way is carried out. A container that stays keeps its budget and pauses.
        """
        with self._news:
            before, self._patients = self._patients, {}
            for check, container in containers.items():
                patient = before.get(check)
                if patient is None or patient.container != container:
                    patient = _Patient(container, seen_up=verdicts.get(check, False))
                self._patients[check] = patient
            self._news.notify()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            check, patient = due
            try:
                tried = self._treat(check, patient.container)
            except EngineError:
                tried = False  # the feed says that the engine is away; nothing was asked of it here
            except Exception as error:  # noqa: BLE001 - the thread must outlive its bugs, loudly
                tried = False
                self._listener.trouble("docker", "crash", f"{type(error).__name__}: {error}")
            with self._news:
                now = monotonic()
                patient.not_before = now + LOOK_AGAIN
                if tried:
                    patient.budget.spend(now)
                    patient.not_before = -inf

    def _next(self) -> tuple[str, _Patient] | None:
        """Wait for the next patient whose time has come; None: stop."""
        with self._news:
            while not self._stopping:
                due = min((each.due_at for each in self._patients.values()), default=inf)
                wait = due - monotonic()
                if wait <= 0:
                    return next(each for each in self._patients.items() if each[1].due_at == due)
                self._news.wait(None if wait == inf else wait)
        return None

    def _treat(self, check: str, container: ContainerSelection) -> bool:
        """Look, restart if that is right, and say whether it was tried."""
        engine = Engine(self._url)
        try:
            state, _ = look(engine, container, self._known.followed(container))
            if isinstance(state, Missing) or self._known.stopped(state.id) or not restartable(state):
                return False
            # A filter knows containers by their names.
            name = state.name or container.name or state.id
            try:
                engine.restart(name)
            except EngineError as error:
                result = "denied" if error.reason == "denied" else "failed"
                self._tell(check, result, f"container {name} was not restarted: {error.detail}")
            else:
                self._tell(check, "ok", f"container {name} was restarted: its check was down")
            return True
        finally:
            engine.close()

    def _tell(self, check: str, result: str, detail: str) -> None:
        refused = result == "denied"
        self._listener.restarted(check, result, detail, quiet=refused and self._refused)
        self._refused = refused


def restartable(state: ContainerState) -> bool:
    """Say whether a restart is the answer to this state."""
    if state.paused or state.status not in _STARTABLE:
        return False
    return verdict(state).outcome is not Outcome.PASS
