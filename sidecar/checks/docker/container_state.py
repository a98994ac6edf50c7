"""The Docker engine's view of a container, reduced to the needs of the check. Pure.

Replies come from outside: a missing field or one of a wrong type reads as empty, never as an error.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sidecar.checks.docker.reply import mapping, number, sequence, text
from sidecar.core.health.result import CheckResult, Outcome

_RETRIES: Final = 3
"""Failures in a row that Docker calls unhealthy where the health check does not say."""


@dataclass(frozen=True, slots=True)
class Health:
    """The engine's view of the health check.

    `streak` counts the failed runs at the end of the log, None if the engine does not tell;
    `retries` of them are called unhealthy. `measured_at`: when the last run ended, in the engine's words.
    """

    status: str = ""
    streak: int | None = None
    retries: int = _RETRIES
    measured_at: str = ""

    @property
    def unhealthy(self) -> bool:
        """Whether runs of the health check have failed.

        An engine that pauses a container or ends itself stops the health check and writes `unhealthy`
        without any run: that is no measurement.
        """
        return self.status == "unhealthy" and (self.streak is None or self.streak >= self.retries)

    @property
    def unmeasured(self) -> bool:
        """Whether the engine has begun to count anew, and no run has passed or failed often enough since."""
        return self.status == "starting" or (self.status == "unhealthy" and not self.unhealthy)

    @property
    def said(self) -> str:
        """Remarks about a container that runs."""
        if self.status == "unhealthy":
            return ", health not measured since it was paused or the engine restarted"
        return f", health {self.status}" if self.status not in ("", "none") else ""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """The answer to an inspect. `id` and `started` together name one life of a container."""

    id: str
    status: str
    running: bool
    paused: bool
    pid: int
    started: str
    health: Health
    exit_code: int
    out_of_memory: bool
    restarts: int = 0
    """How often Docker's own restart policy has started it since somebody last did."""
    name: str = ""
    note: str = ""
    """A remark about which container this is, if it is not the one that the name says."""
    replaceable: bool = False
    """Whether another one that runs is meant as well: the death of this one is no failure yet."""

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


def parse_inspect(reply: object) -> ContainerState:
    """Return the state in an inspect reply."""
    whole = mapping(reply)
    state = mapping(whole.get("State"))
    return ContainerState(
        id=text(whole.get("Id")),
        status=text(state.get("Status")),
        # Docker calls a container running while it waits to start it again.
        running=state.get("Running") is True and state.get("Restarting") is not True,
        paused=state.get("Paused") is True,
        pid=number(state.get("Pid")),
        started=text(state.get("StartedAt")),
        health=_health(state.get("Health"), mapping(whole.get("Config")).get("Healthcheck")),
        exit_code=number(state.get("ExitCode")),
        out_of_memory=state.get("OOMKilled") is True,
        restarts=number(whole.get("RestartCount")),
        name=text(whole.get("Name")).removeprefix("/"),
    )


def _health(reply: object, configured: object) -> Health:
    health = mapping(reply)
    streak = health.get("FailingStreak")
    log = sequence(health.get("Log"))
    return Health(
        status=text(health.get("Status")),
        streak=streak if isinstance(streak, int) else None,
        retries=number(mapping(configured).get("Retries")) or _RETRIES,
        measured_at=text(mapping(log[-1]).get("End")) if log else "",
    )


def verdict(state: ContainerState) -> CheckResult:
    """Return what the state means. Unhealthy is one vote; all else is a fact."""
    found = _verdict(state)
    if not state.note:
        return found
    return CheckResult(found.outcome, f"{found.detail} ({state.note})", decisive=found.decisive)


def _verdict(state: ContainerState) -> CheckResult:
    if state.running and not state.paused:
        if state.health.unhealthy:
            return CheckResult(Outcome.FAIL, "running, but its health check fails")
        # Without its main process it would not be running: a worker was the victim, and nginx has another.
        memory = ", but a process ran out of memory" if state.out_of_memory else ""
        return CheckResult(Outcome.PASS, f"running{state.health.said}{memory}", decisive=True)
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
