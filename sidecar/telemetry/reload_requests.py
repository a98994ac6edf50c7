"""Requests for a reload over the control socket, which wait for its outcome."""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from sidecar.channel.reload import Reloaded
from sidecar.telemetry.http_message import Request, Response, text
from sidecar.telemetry.routes import READ_ONLY, Answer, Routes, Site

PATIENCE: Final = 90.0
"""Seconds that somebody waits: longer than the file may take to be read, and the rest to be exchanged."""
_MOST: Final = 4
"""Requests at a time; each takes one place of the control socket."""


class ReloadRequests:
    """Safe from any thread. `ask` passes a wish on: a number, and whether it is a dry run."""

    def __init__(self, ask: Callable[[int, bool], None], first: int) -> None:
        """`first` is the first number: one that no observer before this one has used."""
        self._ask = ask
        self._next = first
        self._lock = threading.Lock()
        self._waiting: dict[int, threading.Event] = {}
        self._outcomes: dict[int, Reloaded] = {}

    @property
    def routes(self) -> Routes:
        """Answers of the control socket."""
        return {
            **READ_ONLY,
            "/reload": {"POST": self._answer(False)},
            "/reload/dry-run": {"POST": self._answer(True)},
        }

    def done(self, outcome: Reloaded) -> None:
        """A reload is over: tell whoever waits for it."""
        with self._lock:
            waiting = self._waiting.get(outcome.asked)
            if waiting is not None:
                self._outcomes[outcome.asked] = outcome
                waiting.set()

    def _answer(self, dry_run: bool) -> Answer:
        def answer(_request: Request, _site: Site) -> Response:
            return self._request(dry_run)

        return answer

    def _request(self, dry_run: bool) -> Response:
        ready = threading.Event()
        with self._lock:
            if len(self._waiting) >= _MOST:
                return text(
                    HTTPStatus.SERVICE_UNAVAILABLE, f"{_MOST} others wait for a reload; ask again later"
                )
            number, self._next = self._next, self._next + 1
            self._waiting[number] = ready
        try:
            self._ask(number, dry_run)
            ready.wait(PATIENCE)
            with self._lock:
                outcome = self._outcomes.pop(number, None)
        finally:
            with self._lock:
                del self._waiting[number]
        if outcome is None:
            why = f"nothing became of it within {PATIENCE:.0f} s; the log says more"
            return text(HTTPStatus.GATEWAY_TIMEOUT, why)
        return Response(HTTPStatus.OK, as_json(outcome), "application/json")


def as_json(outcome: Reloaded) -> bytes:
    """Return the outcome as a document: result, why, and the plan of changes."""
    plan = json.loads(outcome.told) if outcome.told else {}
    return json.dumps({"result": outcome.result.value, "why": outcome.why, **plan}, indent=1).encode() + b"\n"
