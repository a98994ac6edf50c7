"""Finds the container that a selection means, and follows it by its id when it is renamed.

In this order: what the selection names and what runs; what was followed and still runs, whatever its name
is now; what the selection names though it does not run. Of several that carry the labels the one that is
followed is kept while it runs, then the newest that runs is taken: an update that starts the next
container before it stops the last one is no failure, and old ones that lie about do not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sidecar.checks.docker.container_state import ContainerState, Missing
from sidecar.checks.docker.errors import EngineError
from sidecar.plan.container import ContainerSelection

_ONE_OFF: Final = "com.docker.compose.oneoff"
"""Label of what `docker compose run` starts: it is no part of the service whose labels it carries."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One container of a list. `created` is in seconds."""

    id: str
    name: str
    runs: bool
    created: int
    one_off: bool = False


class Questions(Protocol):
    """The questions to an engine. Each raises EngineError."""

    def inspect(self, name: str) -> ContainerState | Missing:
        """Return the state of the container with this name or id."""

    def listed(self, labels: Sequence[str]) -> list[Listed]:
        """Return the containers that have all these labels, those that do not run included."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The container that a selection meant last, and how many others that run it would fit as well."""

    id: str = ""
    name: str = ""
    others: int = 0


Seen = tuple[ContainerState | Missing, Followed]


def look(engine: Questions, selection: ContainerSelection, last: Followed) -> Seen:
    """Return the state of the container that is meant, and what to follow from now on."""
    selected, others = _selected(engine, selection, last)
    if others and not (isinstance(selected, ContainerState) and selected.running):
        # It has ended since it was listed: take another one.
        selected, others = _selected(engine, selection, last)
    if isinstance(selected, ContainerState) and (selected.running or selected.id == last.id):
        return _noted(selected, selection, others)
    held = _held(engine, last)
    if isinstance(held, ContainerState) and (held.running or isinstance(selected, Missing)):
        return _noted(held, selection, others)
    if isinstance(selected, Missing):
        return selected, Followed()
    return _noted(selected, selection, others)


def _selected(
    engine: Questions, selection: ContainerSelection, last: Followed
) -> tuple[ContainerState | Missing, int]:
    if not selection.labels:
        return engine.inspect(selection.name), 0
    one_off = any(label.partition("=")[0] == _ONE_OFF for label in selection.labels)
    fitting = [each for each in engine.listed(selection.labels) if one_off or not each.one_off]
    if not fitting:
        return Missing(), 0
    best = max(fitting, key=lambda each: (each.runs, each.id == last.id, each.created))
    others = sum(each.runs for each in fitting if each is not best)
    return _inspect(engine, best.id, best.name), others


def _held(engine: Questions, last: Followed) -> ContainerState | Missing:
    """Return what was followed; a filter that shows no container by its id hides it."""
    if not last.id:
        return Missing()
    try:
        return _inspect(engine, last.id, last.name)
    except EngineError as error:
        if error.reason == "denied":
            return Missing()
        raise


def _inspect(engine: Questions, identity: str, name: str) -> ContainerState | Missing:
    """Inspect by name, as filters allow it, and by id where another one has the name by now."""
    if name:
        state = engine.inspect(name)
        if isinstance(state, ContainerState) and state.id == identity:
            return state
    return engine.inspect(identity)


def _noted(state: ContainerState, selection: ContainerSelection, others: int) -> Seen:
    followed = Followed(state.id, state.name, others)
    # An engine that does not tell the name has not renamed it; an id is no name.
    by_id = bool(selection.name) and state.id.startswith(selection.name)
    if not state.name or state.name == selection.name or by_id:
        return state, followed
    note = f"now called {state.name}" if selection.name else state.name
    if others:
        note = f"{state.name}, one of {others + 1} that run and fit"
    return replace(state, note=note, replaceable=others > 0), followed
