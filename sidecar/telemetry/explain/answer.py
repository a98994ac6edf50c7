"""The answer of /explain.json."""

from http import HTTPStatus
from json import dumps
from urllib.parse import parse_qsl

from sidecar.telemetry.board import Board
from sidecar.telemetry.explain.explanation import Unexplained, explain
from sidecar.telemetry.http_message import Request, Response, text


def explanation(request: Request, board: Board) -> Response:
    """Return the explanation that the query asks for: of one `router`, or of all."""
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    if strange := given.keys() - {"router"}:
        return text(HTTPStatus.BAD_REQUEST, f"{min(strange)!r}: only router can be asked for")
    view = board.view()
    if view is None:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet")
    try:
        document = explain(view, given.get("router"))
    except Unexplained as why:
        return text(HTTPStatus.NOT_FOUND, str(why))
    return Response(HTTPStatus.OK, dumps(document, indent=1).encode() + b"\n", "application/json")
