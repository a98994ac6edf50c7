"""Somebody asks for a reload over the control socket and waits for its outcome.

Modules: telemetry.routes.
"""

import json
from http import HTTPStatus
from threading import Thread

import pytest

from sidecar.channel.reload import Reloaded, ReloadResult
from sidecar.telemetry import reload_requests
from sidecar.telemetry.http_message import Request, Response
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.reload_requests import ReloadRequests
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_store import StatusStore

BOARD = StatusStore(lambda: 0.0)
SITE = Site(BOARD, Metrics((), (), BOARD))


def test_each_gets_its_own_outcome() -> None:
    asked: list[tuple[int, bool]] = []
    requests = ReloadRequests(lambda number, dry_run: asked.append((number, dry_run)), 100)
    answers: dict[str, Response] = {}

    def ask(path: str) -> None:
        answers[path] = respond(Request("POST", path), SITE, requests.routes)

    threads = [Thread(target=ask, args=(path,)) for path in ("/reload", "/reload/dry-run")]
    for thread in threads:
        thread.start()
        while len(asked) <= threads.index(thread):
            pass
    requests.done(Reloaded(1, ReloadResult.APPLIED))
    requests.done(Reloaded(101, ReloadResult.PLANNED, told=b'{"changes": []}'))
    requests.done(Reloaded(100, ReloadResult.REFUSED, "held"))
    for thread in threads:
        thread.join()
    assert asked == [(100, False), (101, True)]
    assert json.loads(answers["/reload"].body) == {"result": "refused", "why": "held"}
    assert json.loads(answers["/reload/dry-run"].body) == {"result": "planned", "why": "", "changes": []}


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload_requests, "PATIENCE", 0.05)
    requests = ReloadRequests(lambda *_: None, 1)
    answer = respond(Request("POST", "/reload"), SITE, requests.routes)
    assert answer.status is HTTPStatus.GATEWAY_TIMEOUT


def test_it_is_no_get_and_not_for_everybody() -> None:
    requests = ReloadRequests(lambda *_: None, 1)
    assert respond(Request("GET", "/reload"), SITE, requests.routes).status is HTTPStatus.METHOD_NOT_ALLOWED
    assert respond(Request("POST", "/reload"), SITE, READ_ONLY).status is HTTPStatus.NOT_FOUND
