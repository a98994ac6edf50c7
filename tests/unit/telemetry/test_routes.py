"""Each answer shows how things are when it is asked for."""

import json
from http import HTTPStatus
from pathlib import Path

import pytest

from sidecar.core.state import State
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.http_message import Request
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Clock, router, snapshot


@pytest.fixture
def looks(status_store: StatusStore) -> list[bool]:
    """Questions to a router that has become BACKUP meanwhile, and whether each wants totals."""
    asked: list[bool] = []

    def look(totals: bool) -> None:
        asked.append(totals)
        status_store.publish(snapshot(router(state=State.BACKUP, owned=frozenset())))
        status_store.beat(1000.0)

    status_store.look = look
    return asked


def ask(status_store: StatusStore, metrics: Metrics, path: str) -> str:
    answer = respond(Request("GET", path), Site(status_store, metrics), READ_ONLY)
    assert answer.status is HTTPStatus.OK
    return answer.body.decode()


def test_the_status_is_that_of_now(status_store: StatusStore, metrics: Metrics, looks: list[bool]) -> None:
    (shown,) = json.loads(ask(status_store, metrics, "/status.json"))["virtual_routers"]
    assert shown["state"] == "BACKUP"
    assert looks == [False]


def test_the_metrics_are_those_of_now_with_what_was_counted(
    status_store: StatusStore, metrics: Metrics, looks: list[bool]
) -> None:
    assert 'vipsidecar_vrrp_state{router="web",state="BACKUP"} 1.0' in ask(status_store, metrics, "/metrics")
    assert looks == [True]


def test_it_is_ready_by_the_state_of_now(
    status_store: StatusStore, metrics: Metrics, looks: list[bool]
) -> None:
    status_store.publish(snapshot(router(state=State.FAULT)))
    assert ask(status_store, metrics, "/readyz").startswith("ok\n")
    assert looks == [False]


def test_a_router_that_seems_to_be_stuck_is_asked_before_that_is_said(
    status_store: StatusStore, metrics: Metrics, looks: list[bool], clock: Clock
) -> None:
    ask(status_store, metrics, "/healthz")
    assert looks == []
    status_store.beat(clock.now - 10)
    ask(status_store, metrics, "/healthz")
    assert looks == [False]


QUERIES = (
    f"refresh={'1' * 5000}",
    f"after={'9' * 5000}",
    f"since={'9' * 5000}",
    f"if={'x' * 5000}",
    f"if=priority={'9' * 5000}",
    "if=%ff%00%0d%0a",
    "plain&plain=%1b",
    ";&" * 3000,
)
ACCEPTS = (
    "application/openmetrics-text; version=abc",
    "text/plain; version=1.0.0a; escaping=dots",
    "\x00,;;;=,=",
)


@pytest.mark.parametrize("path", READ_ONLY)
def test_no_question_of_anybody_breaks_an_answer(
    path: str, status_store: StatusStore, metrics: Metrics, tmp_path: Path
) -> None:
    status_store.events = EventStore(tmp_path, lambda: 1_790_000_000.0, lambda *_: None, lambda: None)
    site = Site(status_store, metrics)
    for query in QUERIES:
        answer = respond(Request("GET", path, query=query), site, READ_ONLY)
        assert answer.status is not HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize("accept", ACCEPTS)
def test_metrics_are_plain_where_no_format_is_asked_for_that_exists(
    accept: str, status_store: StatusStore, metrics: Metrics
) -> None:
    answer = respond(Request("GET", "/metrics", accept), Site(status_store, metrics), READ_ONLY)
    assert answer.status is HTTPStatus.OK
    assert answer.content_type.startswith("text/plain; version=0.0.4")
