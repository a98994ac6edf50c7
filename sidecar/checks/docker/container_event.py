"""The events of the Docker engine that tell when to look at a container. Pure."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.checks.docker.reply import mapping, number, text
from sidecar.plan.container import ContainerSelection

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
class ContainerEvent:
    """One event of the engine's stream. `name` is the present one, `names` are all that it had or has."""

    action: str
    id: str
    name: str
    names: frozenset[str]
    at: int
    exit_code: str
    signal: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    """Attributes that the engine adds to an event: the container's labels, among others."""

    @property
    def deadly(self) -> bool:
        """Whether this is a signal after which a death is no crash."""
        return self.action == "kill" and self.signal not in _HARMLESS

    def selected_by(self, selection: ContainerSelection) -> bool:
        """Say whether this is about a container that the configuration may mean."""
        if selection.labels:
            return all(self._has(label) for label in selection.labels)
        name = selection.name
        return name in self.names or (len(name) >= 12 and self.id.startswith(name))  # noqa: PLR2004 - short id

    def _has(self, label: str) -> bool:
        key, given, value = label.partition("=")
        return key in self.labels and (not given or self.labels[key] == value)


def parse_event(event: object) -> ContainerEvent | None:
    """Return the event if it is one of EVENTS, else None."""
    whole = mapping(event)
    # A health event says its result behind a colon.
    action = text(whole.get("Action")).partition(":")[0]
    if text(whole.get("Type")) != "container" or action not in EVENTS:
        return None
    actor = mapping(whole.get("Actor"))
    attributes = mapping(actor.get("Attributes"))
    name = text(attributes.get("name"))
    return ContainerEvent(
        action=action,
        id=text(actor.get("ID")),
        name=name,
        names=frozenset({name, text(attributes.get("oldName")).removeprefix("/")} - {""}),
        at=number(whole.get("timeNano")),
        exit_code=text(attributes.get("exitCode")),
        signal=text(attributes.get("signal")),
        labels={str(key): text(value) for key, value in attributes.items()},
    )
