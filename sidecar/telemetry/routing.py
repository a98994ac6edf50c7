"""Which answer belongs to a request: by path, then by method. Pure."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

from sidecar.telemetry.http_message import Request, Response, text

S = TypeVar("S")


def respond(
    request: Request, site: S, routes: Mapping[str, Mapping[str, Callable[[Request, S], Response]]]
) -> Response:
    """Return the answer to a request, made from the sources of the site. HEAD is answered wherever GET is."""
    methods = routes.get(request.path)
    if methods is None:
        return text(HTTPStatus.NOT_FOUND, f"there is nothing here; try {', '.join(routes)}")
    answer = methods.get("GET" if request.method == "HEAD" else request.method)
    if answer is None:
        allow = (*methods, "HEAD") if "GET" in methods else tuple(methods)
        return text(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed here: {', '.join(allow)}", allow)
    return answer(request, site)
