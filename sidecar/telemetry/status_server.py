"""The server of a sidecar's routes: what becomes of it is counted, shown and logged."""

from pathlib import Path

from structlog.typing import FilteringBoundLogger

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_message import Request, Response
from sidecar.telemetry.http_server import PATIENCE, HttpServer
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Routes, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_store import StatusStore


class StatusServer(HttpServer):
    """Serves the routes at one address from `start` to `stop`."""

    def __init__(
        self,
        where: Endpoint | Path,
        status_store: StatusStore,
        metrics: Metrics,
        log: FilteringBoundLogger,
        routes: Routes = READ_ONLY,
        patience: float = PATIENCE,
    ) -> None:
        site = Site(status_store, metrics)

        def answer(request: Request) -> Response:
            return respond(request, site, routes)

        super().__init__(where, answer, _Notices(status_store, metrics, log), patience)


class _Notices:
    """The notices of a server, for whoever looks after this host."""

    def __init__(self, status_store: StatusStore, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._status_store = status_store
        self._metrics = metrics
        self._log = log

    def refused(self, where: str, why: str, *, news: bool) -> None:
        self._metrics.error("http", "listen")
        self._status_store.trouble(where, why)
        if news:
            detail = f"{why}; the VIP is served all the same, and this is tried again every second"
            self._log.warning("http_listen", component="http", reason="listen", detail=detail)

    def listening(self, where: str, name: str) -> None:
        self._status_store.settled(where)
        self._log.info("listening", detail=f"the status server listens on {name} now")

    def unanswered(self, reason: str, error: Exception) -> None:
        self._metrics.error("http", reason)
        self._log.warning(f"http_{reason}", component="http", reason=reason, detail=repr(error))

    def ended(self, where: str) -> None:
        self._status_store.settled(where)
