"""An incident as JSON. Pure."""

from typing import Any

from sidecar.cli.incident.account import Account
from sidecar.cli.incident.report import headline
from sidecar.cli.incident.service import Edge
from sidecar.cli.incident.timeline import Entry, Source

_PLACES = 6
"""Digits of a second."""


def document(account: Account) -> dict[str, Any]:
    """Return the document. Times are Unix seconds by the clock of the first host of `clocks`."""
    incident = account.incident
    gap = incident.gap
    return {
        "number": account.number,
        "known": account.known,
        "router": incident.router,
        "from": incident.before,
        "to": incident.after,
        "sentence": headline(incident),
        "gap_seconds": _rounded(gap.seconds),
        "gap_at_least_seconds": _rounded(gap.at_least),
        "gap_at_most_seconds": _rounded(gap.at_most),
        "left": None if incident.left is None else _edge(incident.left),
        "came": _edge(incident.came),
        "clocks": [_clock(source) for source in account.sources],
        "unread": [{"url": unread.url, "why": unread.why} for unread in account.unread],
        "events": [_event(entry) for entry in account.entries],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "host": edge.host,
        "at": _rounded(edge.at),
        "earliest": _rounded(edge.earliest),
        "latest": _rounded(edge.latest),
        "cause": edge.cause,
        "how": edge.how,
    }


def _clock(source: Source) -> dict[str, Any]:
    offset = source.offset
    return {
        "host": source.host,
        "ahead_seconds": _rounded(offset.seconds),
        "within_seconds": _rounded(offset.within),
        "how": offset.how,
    }


def _event(entry: Entry) -> dict[str, Any]:
    rest = {name: value for name, value in entry.record.fields.items() if name not in ("at", "moment", "id")}
    return {"at": _rounded(entry.at), "host": entry.host, **rest}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _PLACES)
