"""The answer of /explain.json."""

from http import HTTPStatus
from json import dumps
from urllib.parse import parse_qsl

from sidecar.telemetry.explain.explanation import explain
from sidecar.telemetry.explain.unexplained import Unexplained
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.status_store import StatusStore


def explanation(request: Request, status_store: StatusStore) -> Response:
    """Return the explanation that the query asks for: of one `router` or of all, now or with each `if`."""
    given = parse_qsl(request.query, keep_blank_values=True)
    if strange := {name for name, _ in given} - {"router", "if"}:
        return text(HTTPStatus.BAD_REQUEST, f"{min(strange)!r}: only router and if can be asked for")
    supposed = [value for name, value in given if name == "if"]
    status_store.refresh()
    view = status_store.view()
    if view is None:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet")
    try:
        document = explain(view, dict(given).get("router"), supposed)
    except Unexplained as why:
        return text(HTTPStatus.NOT_FOUND, str(why))
    return Response(HTTPStatus.OK, dumps(document, indent=1).encode() + b"\n", "application/json")
