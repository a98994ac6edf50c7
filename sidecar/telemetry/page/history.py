"""The last events as a table: when, subject, what, why, and how long the state before had lasted. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sidecar.telemetry.page.model import LONGEST, Row, Table, Tone
from sidecar.telemetry.plain_words import duration, moment, printable, short

SHOWN: Final = 20
_HEADS: Final = ("when", "concerns", "what", "cause", "after")
_TONES: Final = {
    **dict.fromkeys(("check_down", "server_down", "crash", "FAULT"), Tone.BAD),
    **dict.fromkeys(("check_up", "server_up", "adopted", "MASTER"), Tone.WELL),
    **dict.fromkeys(("warning", "observer_lost", "stall", "vip_removed", "vip_foreign"), Tone.LOOK),
}


def history(events: Iterable[bytes], now: float) -> Table:
    """Return the events, which are JSON as the store keeps them, newest first."""
    rows = tuple(_row(json.loads(event), now) for event in reversed(list(events)))
    note = "" if rows else "No event is kept yet."
    return Table("events", f"Last {SHOWN} events", _HEADS, rows, note)


def _row(event: Mapping[str, Any], now: float) -> Row:
    name = str(event.get("event", ""))
    what = f"{event.get('from')} \u2192 {event.get('to')}" if "from" in event else name.replace("_", " ")
    subject = next((event[key] for key in ("router", "check", "pool") if event.get(key)), "")
    lasted = event.get("lasted_seconds")
    return Row(
        _TONES.get(str(event.get("to", name)), Tone.IDLE),
        (
            moment(float(event["at"]), now),
            _said(subject),
            _said(what),
            _said(_cause(event)),
            "" if lasted is None else duration(float(lasted)),
        ),
    )


def _cause(event: Mapping[str, Any]) -> str:
    parts = [event.get(key) for key in ("server", "component", "reason", "result", "detail")]
    vips = event.get("vips")
    told = [", ".join(map(str, vips))] if isinstance(vips, list) else []
    return ": ".join([str(part) for part in parts if part] + told)


def _said(value: object) -> str:
    return short(printable(str(value)), LONGEST)
