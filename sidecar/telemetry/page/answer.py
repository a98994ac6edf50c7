"""The answer for a page: HTML, or text for `?plain`."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.page.html import policy, whole
from sidecar.telemetry.page.plain import plain
from sidecar.telemetry.page.source import PageSource

REFRESH: Final = 5
"""Seconds between two loads of the page in a browser without scripts; `?refresh=0`: none."""
_SLOWEST: Final = 3600
_DIGITS: Final = len(str(_SLOWEST))
"""Digits that are read. Anybody may send thousands of them, and int() refuses those."""


def page_answer(request: Request, source: PageSource) -> Response:
    """Return the page as it is now. While nothing is decided yet it says so, with 503."""
    query = parse_qs(request.query, keep_blank_values=True)
    made = source.now()
    code = HTTPStatus.OK if made.decided else HTTPStatus.SERVICE_UNAVAILABLE
    if "plain" in query:
        return text(code, plain(made.page).rstrip("\n"))
    body = whole(made.page, made.parts, _refresh(query.get("refresh", [""])[-1])).encode()
    headers = (("Content-Security-Policy", policy()), ("Referrer-Policy", "no-referrer"))
    return Response(code, body, "text/html; charset=utf-8", headers=headers)


def _refresh(asked: str) -> int:
    if not asked.isascii() or not asked.isdigit():
        return REFRESH
    digits = asked.lstrip("0")
    return _SLOWEST if len(digits) > _DIGITS else min(int(digits or "0"), _SLOWEST)
