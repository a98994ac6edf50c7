"""The events document of one host: of the right kinds, and with times of its clock as it is set now. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from sidecar.telemetry.node_document import Unreadable
from sidecar.telemetry.plain_words import excerpt, printable

MOST: Final = 50_000
"""Events that are read of one host; it keeps fewer."""
_LONGEST: Final = 640
_ITEMS: Final = 32
_NUMBERS: Final = ("seconds", "_ms")
"""Ends of the names of fields that are calculated with."""
_LATEST: Final = 1e11


@dataclass(frozen=True, slots=True)
class Record:
    """One event. `at` is Unix time by the clock of its host as that is set now.

    `steady`: it is of the present boot of its host, so that setting the clock since then does not count.
    """

    at: float
    steady: bool
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a field as text, "" if there is none."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def seconds(self, name: str) -> float | None:
        """Return a field that is a number, None if there is none."""
        return number(self.fields.get(name))


@dataclass(frozen=True, slots=True)
class Told:
    """What a host told. `now`: Unix time by its clock when it answered."""

    node: str
    now: float
    records: tuple[Record, ...]


def read(body: bytes) -> Told:
    """Return what an events document says. Raises Unreadable."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is no JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("events"), list):
        raise Unreadable("the answer is no document of events")
    events, now, moment = document["events"], number(document.get("now")), number(document.get("moment"))
    if now is None or moment is None:
        raise Unreadable("it does not tell its clock: its vip-sidecar is older than this one")
    if len(events) > MOST:
        raise Unreadable(f"it has {len(events)} events; {MOST} are read")
    known = [fields for event in events if (fields := _event(event)) is not None]
    node = _clean(document.get("node"))
    return Told(str(node or ""), now, tuple(_records(known, now - moment, document.get("boot"))))


def number(value: object) -> float | None:
    """Return a value that is a usable number, None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and abs(value) < _LATEST else None


def _records(events: list[dict[str, Any]], booted: float, boot: object) -> Iterator[Record]:
    """Yield the events. What follows a start in the present boot is told by the clock that nobody sets."""
    present = False
    for event in events:
        if event["event"] == "started":
            present = bool(boot) and event.get("boot") == boot
        moment = number(event.get("moment"))
        if present and moment is not None:
            yield Record(booted + moment, steady=True, fields=event)
        else:
            yield Record(float(event["at"]), steady=False, fields=event)


def _event(event: object) -> dict[str, Any] | None:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    if number(event.get("at")) is None:
        return None
    cleaned = {str(_clean(name)): _clean(value) for name, value in event.items()}
    return {
        name: value
        for name, value in cleaned.items()
        if not name.endswith(_NUMBERS) or number(value) is not None
    }


def _clean(value: object) -> Any:
    """Return a value without what could move a cursor, and of a bounded length."""
    if isinstance(value, str):
        return excerpt(printable(value), _LONGEST)
    if isinstance(value, list):
        return [_clean(each) for each in value[:_ITEMS]]
    return value if value is None or isinstance(value, bool) else number(value)
