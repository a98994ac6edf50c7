"""What the Docker engine says of a container, reduced to what the check needs. Pure.

Replies come from outside: a missing field or one of a wrong type reads as empty, never as an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sidecar.core.events import CheckResult, Outcome

EVENTS: Final = (
    "create",
    "destroy",
    "die",
    "health_status",
    "kill",
    "oom",
    "pause",
    "rename",
    "restart",
    "start",
    "stop",
    "unpause",
)
"""Events after which the state may be another. Exact names: `exec_die` ends a command, not a container."""


_HARMLESS: Final = frozenset({"1", "10", "12", "28"})
"""Signals that nginx takes as commands: HUP, USR1, USR2, WINCH."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """The answer to an inspect. `id` and `started` together name one life of a container."""

    id: str
    status: str
    running: bool
    paused: bool
    pid: int
    started: str
    health: str
    exit_code: int
    out_of_memory: bool
    restarts: int = 0
    """How often Docker's own restart policy has started it since somebody last did."""

    @property
    def life(self) -> tuple[str, str]:
        """The name of this life."""
        return self.id, self.started


@dataclass(frozen=True, slots=True)
class Died:
    """The main process ended. `at` is in nanoseconds of the engine's wall clock, 0 if unknown."""

    id: str
    at: int
    exit_code: str
    asked: bool = False
    """Whether somebody had it killed or stopped: that is no crash."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The engine answers and has no such container."""


@dataclass(frozen=True, slots=True)
class Away:
    """The engine cannot be asked."""

    why: str


Observation = ContainerState | Died | Missing | Away


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """One event of the engine's stream. `names`: all by which a container may be known here."""

    action: str
    id: str
    names: frozenset[str]
    at: int
    exit_code: str
    signal: str = ""

    @property
    def deadly(self) -> bool:
        """Whether this is a signal after which a death is no crash."""
        return self.action == "kill" and self.signal not in _HARMLESS

    def concerns(self, name: str) -> bool:
        """Say whether this is about the container that the configuration calls `name`."""
        return name in self.names or (len(name) >= 12 and self.id.startswith(name))  # noqa: PLR2004 - short id


def parse_inspect(reply: object) -> ContainerState:
    """Return the state in an inspect reply."""
    whole = _mapping(reply)
    state = _mapping(whole.get("State"))
    return ContainerState(
        id=_text(whole.get("Id")),
        status=_text(state.get("Status")),
        # Docker calls a container running while it waits to start it again.
        running=state.get("Running") is True and state.get("Restarting") is not True,
        paused=state.get("Paused") is True,
        pid=_number(state.get("Pid")),
        started=_text(state.get("StartedAt")),
        health=_text(_mapping(state.get("Health")).get("Status")),
        exit_code=_number(state.get("ExitCode")),
        out_of_memory=state.get("OOMKilled") is True,
        restarts=_number(whole.get("RestartCount")),
    )


def parse_event(event: object) -> ContainerEvent | None:
    """Return the event if it is one of EVENTS, else None."""
    whole = _mapping(event)
    # A health event says its result behind a colon.
    action = _text(whole.get("Action")).partition(":")[0]
    if _text(whole.get("Type")) != "container" or action not in EVENTS:
        return None
    actor = _mapping(whole.get("Actor"))
    attributes = _mapping(actor.get("Attributes"))
    names = {_text(attributes.get("name")), _text(attributes.get("oldName")).removeprefix("/")}
    return ContainerEvent(
        action=action,
        id=_text(actor.get("ID")),
        names=frozenset(names - {""}),
        at=_number(whole.get("timeNano")),
        exit_code=_text(attributes.get("exitCode")),
        signal=_text(attributes.get("signal")),
    )


def verdict(state: ContainerState) -> CheckResult:
    """Return what the state means. Unhealthy is one vote; all else is a fact."""
    if state.running and not state.paused:
        if state.health == "unhealthy":
            return CheckResult(Outcome.FAIL, "running, but its health check fails")
        health = f", health {state.health}" if state.health not in ("", "none") else ""
        # Without its main process it would not be running: a worker was the victim, and nginx has another.
        memory = ", but a process ran out of memory" if state.out_of_memory else ""
        return CheckResult(Outcome.PASS, f"running{health}{memory}", decisive=True)
    if state.paused:
        detail = "paused"
    else:
        cause = ", out of memory" if state.out_of_memory else ""
        detail = f"{state.status or 'not running'}, exit code {state.exit_code}{cause}"
    return CheckResult(Outcome.FAIL, detail, decisive=True)


def precedes(died: Died, state: ContainerState) -> bool:
    """Say whether the death was that of an earlier life: the stream repeats old events after a reconnect."""
    whole, _, fraction = state.started.removesuffix("Z").partition(".")
    try:
        seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
        nanoseconds = int(fraction[:9].ljust(9, "0") or 0)
    except ValueError:
        return False
    return 0 < died.at < seconds * 1_000_000_000 + nanoseconds


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
