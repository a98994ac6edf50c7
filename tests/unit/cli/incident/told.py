"""Documents of events as hosts tell them, for a pair whose master fails at second 100 of the reference."""

import json
from typing import Any

from sidecar.cli.incident.clocks import ITSELF, Offset
from sidecar.cli.incident.history import Told, read
from sidecar.cli.incident.timeline import Source

BEGAN = 1_790_000_000.0
"""Unix seconds of second 0 of the reference."""
BOOT = "1b4e28ba"

Event = dict[str, Any]


def move(at: float, old: str, new: str, reason: str, detail: str = "", **more: Any) -> Event:
    fields = {"router": "web", "from": old, "to": new, "reason": reason, "detail": detail or reason}
    return {"event": "transition", "at": at, **fields, **more}


def down(at: float, check: str, detail: str = "refused", **more: Any) -> Event:
    return {"event": "check_down", "at": at, "check": check, "kind": "http", "detail": detail, **more}


def up(at: float, check: str) -> Event:
    return {"event": "check_up", "at": at, "check": check, "kind": "http", "detail": "200"}


def unfit(at: float, check: str) -> Event:
    return {
        "event": "warning", "at": at, "component": "election", "reason": "fail_open", "router": "web",
        "detail": f"serving although unfit: check {check} failed: refused",
    }  # fmt: skip


def node_lost(at: float, reason: str, silent: float, within: float = 0.2) -> Event:
    told = {"node": "a", "url": "http://10.0.0.1:9650", "reason": reason, "detail": reason}
    return {"event": "node_lost", "at": at, **told, "silent_seconds": silent, "within_seconds": within}


def started(at: float) -> Event:
    return {"event": "started", "at": at, "boot": BOOT}


def document(
    node: str, *events: Event, now: float = 200.0, booted: float = -1000.0, ahead: float = 0.0
) -> bytes:
    """The document that a host tells at second `now`, whose clock is `ahead`.

    Times of events are seconds of the reference. `booted`: the second of its boot.
    """
    told = [
        {**each, "at": BEGAN + ahead + each["at"], "moment": each["at"] - booted, "id": number}
        for number, each in enumerate(events)
    ]
    facts = {"node": node, "boot": BOOT, "now": BEGAN + ahead + now, "moment": now - booted}
    return json.dumps(facts | {"last_id": len(told), "events": told}).encode()


def told(node: str, *events: Event, **more: float) -> Told:
    return read(document(node, *events, **more))


def pair(one: Told, other: Told, ahead: float = 0.0, within: float = 0.0) -> tuple[Source, Source]:
    """The first is the reference."""
    return Source(one.node, one, ITSELF), Source(other.node, other, Offset(ahead, within, "by hand"))
