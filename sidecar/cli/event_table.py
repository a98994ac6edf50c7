"""One event as one line for people."""

import time
from collections.abc import Mapping
from typing import Any, Final

from sidecar.telemetry.plain_words import duration, printable

_RED, _GREEN, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
_COLOURS: Final = {
    **dict.fromkeys(("check_down", "server_down", "crash", "FAULT"), _RED),
    **dict.fromkeys(("check_up", "server_up", "adopted", "MASTER"), _GREEN),
    **dict.fromkeys(("warning", "observer_lost", "stall", "vip_removed", "vip_foreign"), _YELLOW),
}
_SHOWN: Final = frozenset(
    (
        "id",
        "at",
        "moment",
        "event",
        "router",
        "check",
        "pool",
        "from",
        "to",
        "reason",
        "detail",
        "lasted_seconds",
    )
)
"""Fields that have a place in the line; the others follow as `name=value`."""


def line(event: Mapping[str, Any], *, colors: bool) -> str:
    """Return the line of an event, without a newline: time in UTC, whom it concerns, what and why."""
    colour = _COLOURS.get(str(event.get("to", event["event"])), "") if colors else ""
    head = f"{moment(event['at'])}  {subject(event) or '-':<10} "
    return printable_line(head, colour, f"{what(event):<16}", why(event))


def subject(event: Mapping[str, Any]) -> str:
    """Return what an event concerns: a virtual router, a check, a pool or none of them."""
    return str(event.get("router") or event.get("check") or event.get("pool") or "")


def what(event: Mapping[str, Any]) -> str:
    """Return what happened: the states of a move, else the kind of the event."""
    return f"{event['from']} -> {event['to']}" if "from" in event and "to" in event else str(event["event"])


def moment(at: float) -> str:
    """Return a Unix time as people write it, to the millisecond, in UTC."""
    whole = round(at * 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(whole // 1000))}.{whole % 1000:03}"


def printable_line(head: str, colour: str, what: str, why: str) -> str:
    """Return the parts with a colour around the second one; nothing of them can move a cursor."""
    coloured = f"{colour}{printable(what)}{_PLAIN}" if colour else printable(what)
    return f"{printable(head)}{coloured} {printable(why)}".rstrip()


def why(event: Mapping[str, Any]) -> str:
    """Return the cause, how long the time before had lasted, and the other fields."""
    short = [str(event["reason"])] if "reason" in event else []
    if "lasted_seconds" in event:
        short.append(f"after {duration(event['lasted_seconds'])}")
    rest = [f"{name}={_value(value)}" for name, value in event.items() if name not in _SHOWN]
    text = ": ".join(part for part in (", ".join(short), str(event.get("detail") or "")) if part)
    return "  ".join(part for part in (text, " ".join(rest)) if part)


def _value(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
