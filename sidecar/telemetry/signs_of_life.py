"""GET /alive: this host's name, then a sign of life every so often.

Advertisements come once a second or so. By signs that come more often another host knows more exactly when
this one was lost, which is for an account of the incident alone: no VIP moves by them.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Final

from sidecar.telemetry.http_message import Request, Response, text

PATH: Final = "/alive"
EVERY: Final = 0.2
"""Seconds between two signs."""
LONGEST: Final = 600.0
"""Seconds after which a stream ends, so that a place is never lost."""


def alive(request: Request, node: str) -> Response:
    """Return the answer that goes on for as long as this host lives."""
    if request.query:
        return text(HTTPStatus.BAD_REQUEST, "nothing can be asked for here")
    follows = partial(signs, node)
    return Response(HTTPStatus.OK, b"", "text/plain; charset=utf-8", chunks=follows, for_hosts=True)


def signs(node: str, wait: Callable[[float], bool], longest: float = LONGEST) -> Iterator[bytes]:
    """Yield the name of the host in a line, and a byte for each sign. `wait` says when the server stops."""
    ends = time.monotonic() + longest
    yield f"{node}\n".encode()
    while not wait(EVERY) and time.monotonic() < ends:
        yield b"."
