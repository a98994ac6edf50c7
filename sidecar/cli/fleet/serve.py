"""`fleet --serve`: the page of the fleet, for whoever may connect. It reads only.

Clients have the places of any status server: sixteen at once, four streams, five seconds each.
"""

import json
import signal
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.fleet.page import build
from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.table import document
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.http_server import HttpServer
from sidecar.telemetry.listener import ListenError
from sidecar.telemetry.page.answer import page_answer
from sidecar.telemetry.page.model import Page
from sidecar.telemetry.page.source import PageSource
from sidecar.telemetry.page.stream import stream
from sidecar.telemetry.routing import respond

Look = Callable[[], Picture]
_ENDS: Final = (signal.SIGINT, signal.SIGTERM)


class FleetSite:
    """The sources of the answers."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.page = PageSource(self._draw)

    def _draw(self) -> tuple[Page, bool]:
        return build(self.look()), True


def _index(_request: Request, _site: FleetSite) -> Response:
    return text(HTTPStatus.OK, "vip-sidecar fleet\n" + "\n".join(path for path in ROUTES if path != "/"))


def _page(request: Request, site: FleetSite) -> Response:
    return page_answer(request, site.page)


def _stream(_request: Request, site: FleetSite) -> Response:
    return stream(site.page)


def _json(_request: Request, site: FleetSite) -> Response:
    body = json.dumps(document(site.look().judged), indent=1).encode() + b"\n"
    return Response(HTTPStatus.OK, body, "application/json")


ROUTES: Final[Mapping[str, Mapping[str, Callable[[Request, FleetSite], Response]]]] = {
    "/": {"GET": _index},
    "/fleet": {"GET": _page},
    "/fleet/stream": {"GET": _stream},
    "/fleet.json": {"GET": _json},
}


class Notices:
    """Messages about the server, as lines on the terminal."""

    def refused(self, where: str, why: str, *, news: bool) -> None:
        """Say it once."""
        if news:
            sys.stderr.write(f"{where}: {why}; this is tried again every second\n")

    def listening(self, where: str, name: str) -> None:
        """Say it."""
        sys.stderr.write(f"{where}: it listens on {name} now\n")

    def unanswered(self, reason: str, error: Exception) -> None:
        """Say it."""
        sys.stderr.write(f"a client was not answered ({reason}): {error!r}\n")

    def ended(self, where: str) -> None:
        """Say nothing: somebody has ended it."""


def server(where: Endpoint, look: Look) -> HttpServer:
    """Return the server, which does not listen yet."""
    site = FleetSite(look)

    def answer(request: Request) -> Response:
        return respond(request, site, ROUTES)

    return HttpServer(where, answer, Notices())


def serve(where: Endpoint, look: Look) -> int:
    """Serve until SIGINT or SIGTERM, which the caller has blocked (`blocked`)."""
    serving = server(where, look)
    try:
        serving.open()
    except ListenError as error:
        sys.stderr.write(f"{error}\n")
        return exit_codes.BROKEN
    serving.start()
    host = f"[{where.host}]" if ":" in where.host else where.host
    sys.stdout.write(f"the fleet is shown at http://{host}:{serving.port}/fleet; Ctrl-C ends this\n")
    sys.stdout.flush()
    signal.sigwait(_ENDS)
    serving.stop()
    return exit_codes.OK


def block() -> None:
    """Have the signals that end this wait for `serve`. Before any thread is started, which inherits that."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
