"""The answer of /events.json: events after a number, or since a Unix time, and the clock of this host.

Programs that put the events of several hosts into one order compare their clocks by it.
"""

from dataclasses import asdict, dataclass
from http import HTTPStatus
from json import dumps
from math import isfinite
from urllib.parse import parse_qsl

from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.http_message import Request, Response, text


@dataclass(frozen=True, slots=True)
class Origin:
    """The host that answers: its name, its boot, and this moment by both of its clocks.

    `now` is Unix seconds, `moment` seconds since the host was booted.
    """

    node: str
    boot: str
    now: float
    moment: float


def events(request: Request, store: EventStore | None, origin: Origin) -> Response:
    """Return the events that the query asks for: `after`, a number, and `since`, Unix seconds."""
    if store is None:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, "starting: events are not kept yet")
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    if strange := given.keys() - {"after", "since"}:
        return text(HTTPStatus.BAD_REQUEST, f"{min(strange)!r}: only after and since can be asked for")
    try:
        after, since = int(given.get("after", "0")), float(given.get("since", "0"))
    except ValueError:
        after, since = 0, float("nan")
    if not isfinite(since):
        return text(HTTPStatus.BAD_REQUEST, "after is a number of an event, since are Unix seconds")
    there = store.select(after, since)
    facts = asdict(origin) | {"last_id": there.last, "trouble": there.trouble or None, "lost": there.lost}
    body = dumps(facts).encode()[:-1] + b', "events": [' + b",\n".join(there.events) + b"]}\n"
    return Response(HTTPStatus.OK, body, "application/json")
