"""The events that the page goes by, from the store: the last ones, who served, and what alerts count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sidecar.telemetry.events.store import EventStore

Event = Mapping[str, Any]
SHOWN: Final = 20
_MOVES: Final = frozenset({"transition", "started", "stopped", "adopted"})
_COUNTED: Final = frozenset({"transition", "observer_started", "vip_removed", "warning"})
MOST: Final = 200
"""Changes of state that are read at most."""
MOST_COUNTED: Final = 2000
"""Events that alerts count at most: 255 virtual routers may move together, and more than five times."""
COUNTED_FOR: Final = 900.0
"""Seconds over which alerts count events."""


@dataclass(frozen=True, slots=True)
class Past:
    """Events in their order: the last ones, changes of state, and those that alerts count."""

    last: tuple[Event, ...] = ()
    moves: tuple[Event, ...] = ()
    counted: tuple[Event, ...] = ()


def past_of(store: EventStore, now: float) -> Past:
    """Return what has happened until this Unix time. Never waits for the disk."""
    return Past(
        _parsed(store.latest(SHOWN)),
        _parsed(store.latest(MOST, _MOVES)),
        _parsed(store.latest(MOST_COUNTED, _COUNTED, now - COUNTED_FOR)),
    )


def _parsed(events: tuple[bytes, ...]) -> tuple[Event, ...]:
    return tuple(map(json.loads, events))
