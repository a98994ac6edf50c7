"""Drains that somebody asks for over the control socket: judged, kept on the disk, told to the router."""

import json
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from math import isfinite
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from structlog.typing import FilteringBoundLogger

from sidecar.clock import clock
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.telemetry import drain_file
from sidecar.telemetry.drain_file import Drained
from sidecar.telemetry.drain_risk import able_elsewhere, drain_risk
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.routes import Routes, Site
from sidecar.telemetry.status_store import StatusStore

_LONGEST: Final = 366 * 86400.0
_NOT_KEPT: Final = "it is not kept across a restart"
_NEAR: Final = 1.0
"""Seconds between what two processes take for the end of the same drain, whose clocks are read apart."""

Note = Callable[..., None]
"""Keeps an event: its name and its fields."""


class DrainKeeper:
    """Safe from any thread. `tell` tells the router, from any thread, too.

    Whoever tells what the router says never waits for the disk: an observer that stands still is replaced.
    """

    def __init__(
        self,
        folder: Path,
        status_store: StatusStore,
        log: FilteringBoundLogger,
        tell: Callable[[DrainAsked | UndrainAsked], object],
        note: Note,
        trouble: Callable[[str, str, str], None],
    ) -> None:
        """`trouble` gets component, reason and detail."""
        self._folder = folder
        self._status_store = status_store
        self._log = log
        self._tell = tell
        self._note = note
        self._trouble = trouble
        self._disk = threading.Lock()
        """For whoever changes the file, which may take long."""
        self._lock = threading.Lock()
        """For what follows. Nobody waits for anything while he has it."""
        self._drained = self._found()
        self._asked: float | None = None
        """Until when the router was told last to be drained, by its clock; None: not by this process."""
        self._under_way = False
        """Whether the router has said that it is drained as was wanted last."""

    @property
    def routes(self) -> Routes:
        """Answers of the control socket."""
        return {"/drain": {"POST": self._drain}, "/undrain": {"POST": self._undrain}}

    def told(self, until: float | None) -> None:
        """The router says until when it is drained: see that it is what the disk says, and that it ends."""
        self._status_store.maintenance = until is not None
        with self._lock:
            drained = self._status_store.drained = self._drained
            if drained is None:
                return
            if until is not None:
                self._under_way = self._under_way or self._is_this(until, drained)
                return
            # One that was under way is over, whatever a clock says that was set meanwhile.
            if not self._under_way and drained.left(time.time()) > 0:
                # It was asked for, and the observer before this one has ended before it told the router.
                self._ask(drained)
                return
            self._drained = None
        threading.Thread(target=self._over, name="drain", daemon=True).start()
        self._log.info("undrained", detail="the drain has ended: this host contends as usual")
        self._note("undrained", reason="expired")

    def _drain(self, request: Request, _site: Site) -> Response:
        asked = dict(parse_qsl(request.query, keep_blank_values=True))
        try:
            seconds = float(asked["for"]) if "for" in asked else None
        except ValueError:
            seconds = -1.0
        if seconds is not None and not (isfinite(seconds) and 0 < seconds <= _LONGEST):
            return text(HTTPStatus.BAD_REQUEST, "for is a number of seconds, at most a year")
        force = "force" in asked
        self._status_store.refresh()
        view = self._status_store.view()
        if view is None:
            return text(HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet")
        risk = drain_risk(view.snapshot.routers, able_elsewhere(view.nodes))
        if risk and not force:
            self._audit("drain_refused", request, detail=risk)
            return _answer(HTTPStatus.CONFLICT, "refused", risk)
        now = time.time()
        drained = Drained(now, None if seconds is None else now + seconds, request.by)
        with self._disk:
            why = self._keep(drained)
            if why and not force:
                return _answer(
                    HTTPStatus.CONFLICT, "refused", f"{why}: {_NOT_KEPT}; --force drains all the same"
                )
            with self._lock:
                self._drained, self._under_way = drained, False
                self._ask(drained)
        self._audit("drained", request, detail=drained.why, forced=force)
        self._note("drained", by=drained.by, detail=drained.why, forced=force)
        return _answer(HTTPStatus.OK, "drained", f"{drained.why}{f'; {_NOT_KEPT}: {why}' if why else ''}")

    def _undrain(self, request: Request, _site: Site) -> Response:
        with self._disk:
            why = self._forget()
            with self._lock:
                before, self._drained = self._drained, None
                self._tell(UndrainAsked())
        self._audit("undrained", request, detail="this host contends as usual")
        if before is not None:
            lasted = round(time.time() - before.since, 3)
            self._note("undrained", by=request.by, reason="asked", lasted_seconds=lasted)
        if why:
            return _answer(
                HTTPStatus.CONFLICT, "undrained", f"{why}: the next sidecar would be drained again"
            )
        return _answer(HTTPStatus.OK, "undrained", "this host contends as usual")

    def _over(self) -> None:
        """A drain is over: forget it, unless another one has begun meanwhile."""
        with self._disk:
            with self._lock:
                again = self._drained is not None
            if not again:
                self._forget()

    def _ask(self, drained: Drained) -> None:
        """Tell the router. It needs the lock."""
        asked = drained.asked(time.time())
        self._asked = asked.until
        self._tell(asked)

    def _is_this(self, until: float, drained: Drained) -> bool:
        """Whether what the router says is this drain, and not one that this has taken the place of."""
        if self._asked is not None:
            return until == self._asked
        wall = time.time()
        # A clock that is behind the beginning of the drain cannot tell its end.
        return wall < drained.since or until >= clock() + drained.left(wall) - _NEAR

    def _audit(self, event: str, request: Request, **facts: object) -> None:
        peer = request.peer
        who = {} if peer is None else {"uid": peer.uid, "pid": peer.pid}
        self._log.warning(event, **who, **facts)

    def _found(self) -> Drained | None:
        try:
            return drain_file.read(self._folder)
        except (OSError, ValueError) as error:
            self._trouble("drain", "unreadable", str(error))
            return None

    def _keep(self, drained: Drained) -> str:
        try:
            drain_file.write(self._folder, drained)
        except OSError as error:
            why = f"{self._folder}: {error.strerror or error}"
            self._trouble("drain", "write", why)
            return why
        return ""

    def _forget(self) -> str:
        try:
            drain_file.remove(self._folder)
        except OSError as error:
            why = f"{self._folder}: {error.strerror or error}"
            self._trouble("drain", "write", why)
            return why
        return ""


def _answer(status: HTTPStatus, result: str, why: str) -> Response:
    return Response(status, json.dumps({"result": result, "why": why}).encode() + b"\n", "application/json")
