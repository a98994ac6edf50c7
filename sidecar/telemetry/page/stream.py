"""The page as server-sent events (HTML Living Standard, section 9.2): what differs, and a sign of life."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Final

from sidecar.telemetry.http_message import Response
from sidecar.telemetry.page.html import Parts
from sidecar.telemetry.page.source import PageSource

EVERY: Final = 0.5
"""Seconds between two looks."""
LONGEST: Final = 600.0
"""Seconds after which a stream ends, so that a place is never lost. The browser asks for the next one."""

Wait = Callable[[float], bool]
"""Waits so many seconds; true: it is time to end."""


def stream(source: PageSource) -> Response:
    """Return the answer that goes on as the page changes."""
    # nginx as a proxy would keep an answer back until it is whole.
    headers = (("X-Accel-Buffering", "no"),)
    return Response(HTTPStatus.OK, b"", "text/event-stream", headers=headers, chunks=partial(follow, source))


def follow(source: PageSource, wait: Wait, longest: float = LONGEST) -> Iterator[bytes]:
    """Yield `part` events with the HTML of what differs, and `beat` events when nothing does."""
    ends = time.monotonic() + longest
    shown: Parts = {}
    yield b"retry: 1000\n\n"
    while True:
        parts = source.now().parts
        yield _event(html for key, html in parts.items() if shown.get(key) != html)
        shown = parts
        if wait(EVERY) or time.monotonic() >= ends:
            return


def _event(changed: Iterator[str]) -> bytes:
    html = "\n".join(changed)
    if not html:
        return b"event: beat\ndata: .\n\n"
    lines = "\n".join(f"data: {line}" for line in html.split("\n"))
    return f"event: part\n{lines}\n\n".encode()
