"""The answers of each path. A new path or method is one line in a table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from sidecar.telemetry.events.answer import Origin, events
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.signs_of_life import PATH, alive
from sidecar.telemetry.status import obstacles, remarks, render, stuck
from sidecar.telemetry.status_store import StatusStore

if TYPE_CHECKING:
    from sidecar.telemetry.page.source import PageSource


@dataclass(frozen=True, slots=True)
class Site:
    """The sources of the answers."""

    status_store: StatusStore
    metrics: Metrics
    _pages: "list[PageSource]" = field(default_factory=list, repr=False, compare=False)

    @property
    def page(self) -> "PageSource":
        """The page, which is made once for all who ask at the same time."""
        from sidecar.telemetry.page.host import host_page  # noqa: PLC0415
        from sidecar.telemetry.page.source import PageSource  # noqa: PLC0415

        if not self._pages:
            self._pages.append(PageSource(partial(host_page, self.status_store)))
        return self._pages[0]


Answer = Callable[[Request, Site], Response]
Routes = Mapping[str, Mapping[str, Answer]]
"""Path to method to answer. HEAD is answered wherever GET is."""


def _index(_request: Request, _site: Site) -> Response:
    return text(HTTPStatus.OK, "vip-sidecar\n" + "\n".join(path for path in READ_ONLY if path != "/"))


def _metrics(request: Request, site: Site) -> Response:
    site.status_store.refresh(totals=True)
    content_type, body = site.metrics.expose(request.accept)
    return Response(HTTPStatus.OK, body, content_type)


def _healthz(_request: Request, site: Site) -> Response:
    if not site.status_store.alive():
        # It may have gone on a moment ago.
        site.status_store.refresh()
    if site.status_store.alive():
        return text(HTTPStatus.OK, "ok")
    return text(HTTPStatus.SERVICE_UNAVAILABLE, stuck(site.status_store.beat_age))


def _readyz(_request: Request, site: Site) -> Response:
    status_store = site.status_store
    status_store.refresh()
    view = status_store.view()
    reasons = obstacles(view, status_store.beat_age, alive=status_store.alive())
    # An unknown sender on the LAN must not get a container restarted: refused senders are only reported.
    lines = [*(reasons or ["ok"]), *remarks(view)]
    return text(HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK, "\n".join(lines))


def _status(_request: Request, site: Site) -> Response:
    site.status_store.refresh()
    view = site.status_store.view()
    if view is None:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet")
    body = json.dumps(render(view), indent=1).encode() + b"\n"
    return Response(HTTPStatus.OK, body, "application/json")


# What few ask for is loaded when somebody does: a page, and a copy of the election for "what if".


def _page(request: Request, site: Site) -> Response:
    from sidecar.telemetry.page.answer import page_answer  # noqa: PLC0415

    return page_answer(request, site.page)


def _stream(_request: Request, site: Site) -> Response:
    from sidecar.telemetry.page.stream import stream  # noqa: PLC0415

    return stream(site.page)


def _events(request: Request, site: Site) -> Response:
    status = site.status_store
    return events(request, status.events, Origin(status.node, status.boot, *status.clocks()))


def _explanation(request: Request, site: Site) -> Response:
    from sidecar.telemetry.explain.answer import explanation  # noqa: PLC0415

    return explanation(request, site.status_store)


def _alive(request: Request, site: Site) -> Response:
    return alive(request, site.status_store.node)


READ_ONLY: Final[Routes] = {
    "/": {"GET": _index},
    "/metrics": {"GET": _metrics},
    "/healthz": {"GET": _healthz},
    "/readyz": {"GET": _readyz},
    "/status": {"GET": _page},
    "/status/stream": {"GET": _stream},
    "/status.json": {"GET": _status},
    "/events.json": {"GET": _events},
    "/explain.json": {"GET": _explanation},
    PATH: {"GET": _alive},
}
