"""The last events as a table: when, subject, what, why, and how long the state before had lasted. Pure."""

from collections.abc import Sequence
from typing import Final

from sidecar.telemetry.page.model import LONGEST, Row, Table, Tone
from sidecar.telemetry.page.past import SHOWN, Event
from sidecar.telemetry.plain_words import duration, excerpt, moment, printable

_TONES: Final = {
    **dict.fromkeys(("check_down", "server_down", "crash", "FAULT"), Tone.BAD),
    **dict.fromkeys(("check_up", "server_up", "adopted", "MASTER"), Tone.WELL),
    **dict.fromkeys(("warning", "observer_lost", "stall", "vip_removed", "vip_foreign"), Tone.LOOK),
}


def history(events: Sequence[Event], now: float) -> Table:
    """Return the events, newest first."""
    rows = tuple(_row(event, now) for event in reversed(events))
    note = "" if rows else "No event is kept yet."
    return Table("events", f"Last {SHOWN} events", rows, note)


def _row(event: Event, now: float) -> Row:
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


def _cause(event: Event) -> str:
    parts = [event.get(key) for key in ("server", "component", "reason", "result", "detail")]
    vips = event.get("vips")
    told = [", ".join(map(str, vips))] if isinstance(vips, list) else []
    return ": ".join([str(part) for part in parts if part] + told)


def _said(value: object) -> str:
    return excerpt(printable(str(value)), LONGEST)
