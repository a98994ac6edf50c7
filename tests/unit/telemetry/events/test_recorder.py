"""Reports become events whose kind and fields are in the table.

Modules: telemetry.events.reference, telemetry.events.answer.
"""

import json
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from sidecar.channel.down import Level, Line
from sidecar.core.actions import Transition, Warned
from sidecar.core.health.reports import CheckChanged
from sidecar.core.pool.events import (
    ModeChanged,
    NameChanged,
    PoolReport,
    Reloaded,
    ReloadResult,
    ServerChanged,
)
from sidecar.core.pool.upstream import Mode
from sidecar.core.state import Reason, State
from sidecar.telemetry.events.failures import FailureTimes
from sidecar.telemetry.events.kinds import BY_NAME
from sidecar.telemetry.events.recorder import MOST, MOST_WARNINGS, EventRecorder
from sidecar.telemetry.events.reference import lines
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.http_message import Request
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.reporter import Told
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_store import StatusStore
from tests.fuzz.channel_decoders import REPORTS

PAGE = Path(__file__).parents[4] / "docs" / "events.md"
DOWN = CheckChanged("http", "http", up=False, detail="connection refused")
LEFT = Transition("web", State.MASTER, State.BACKUP, Reason.HEALTH, "check http failed")
POOL_REPORTS: tuple[PoolReport, ...] = (
    ServerChanged("app", "10.0.0.1:80", up=False, detail="refused"),
    ServerChanged("app", "10.0.0.1:80", up=True, detail="200"),
    ModeChanged("app", Mode.FAIL_OPEN, "no server passes"),
    Reloaded(
        "app", 4, ReloadResult.LIVE, frozenset({"b", "a"}), "a server is down", "proven", 0.123, counts=True
    ),
)


class Events(list[dict[str, Any]]):
    """What was recorded, by a recorder for which the router's second 0 was at Unix time 1,000."""

    def __init__(self) -> None:
        self.failures = FailureTimes()
        self.recorder = EventRecorder(self.put, lambda at: 1000.0 + at, self.failures)

    def put(self, at: float, event: dict[str, Any], moment: float | None = None) -> None:
        self.append({"at": at, **event} | ({} if moment is None else {"moment": moment}))


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_each_report_is_an_event_of_a_kind_with_fields_of_the_table(events: Events, report: Told) -> None:
    events.recorder.told(3.0, report)
    events.recorder.told(4.5, report)
    for event in events:
        assert set(event) - {"at", "moment", "event"} <= set(BY_NAME[event["event"]].fields)
        json.dumps(event)
    assert len(events) == 2


@pytest.mark.parametrize("report", POOL_REPORTS, ids=lambda each: type(each).__name__)
def test_each_event_of_a_pool_has_the_fields_of_the_table(events: Events, report: PoolReport) -> None:
    events.recorder.pool(3.0, report)
    (event,) = events
    assert set(event) - {"at", "moment", "event"} <= set(BY_NAME[event["event"]].fields)


def test_a_host_that_was_lost_is_an_event_with_the_fields_of_the_table(events: Events) -> None:
    events.recorder.node_lost(5.0, "http://lb2:9650", "lb2", "no sign", 4.0, closed=False)
    (event,) = events
    assert set(event) - {"at", "moment", "event"} == set(BY_NAME["node_lost"].fields)
    assert (event["reason"], event["silent_seconds"]) == ("silent", 1.0)


def test_a_name_that_resolves_otherwise_is_for_the_log(events: Events) -> None:
    events.recorder.pool(3.0, NameChanged("app", "app.example", ("10.0.0.1",), ""))
    assert not events


def test_cause_and_what_followed_are_told_with_how_long_the_time_before_was(events: Events) -> None:
    events.recorder.told(2.0, replace(LEFT, old=State.BACKUP, new=State.MASTER, reason=Reason.MASTER_DOWN))
    events.recorder.told(62.0, DOWN)
    events.recorder.told(62.5, LEFT)
    assert events[1:] == [
        {
            "at": 1062.0,
            "moment": 62.0,
            "event": "check_down",
            "check": "http",
            "kind": "http",
            "detail": "connection refused",
        },
        {
            "at": 1062.5,
            "moment": 62.5,
            "event": "transition",
            "router": "web",
            "from": "MASTER",
            "to": "BACKUP",
            "reason": "health",
            "detail": "check http failed",
            "lasted_seconds": 60.5,
        },
    ]


def test_lines_of_the_router_that_are_events_are_kept_and_the_others_are_not(events: Events) -> None:
    fields = (("reason", "silent"), ("detail", "it said nothing"), ("exception", "Traceback"))
    events.recorder.line(1.0, Line(1.0, Level.ERROR, "observer_lost", fields))
    events.recorder.line(2.0, Line(2.0, Level.INFO, "started", (("version", "1"),)))
    (event,) = events
    assert event["event"] == "observer_lost"
    assert set(event) - {"at", "moment", "event"} == {"reason", "detail"}


def test_a_check_that_flaps_displaces_nothing_and_transitions_are_all_kept(events: Events) -> None:
    for second in range(1000):
        events.recorder.told(float(second), DOWN)
        events.recorder.told(float(second), LEFT)
    assert sum(event["event"] == "check_down" for event in events) == MOST
    assert sum(event["event"] == "transition" for event in events) == 1000


def test_a_hook_that_fails_with_each_verdict_displaces_nothing(events: Events) -> None:
    for second in range(1000):
        events.recorder.happened(float(second), "hook", router="web", hook="on_check", result="failed")
    events.recorder.happened(1000.0, "hook", router="web", hook="pre_acquire", result="failed")
    assert [event["hook"] for event in events] == ["on_check"] * MOST + ["pre_acquire"]


def test_a_stranger_who_invents_senders_displaces_nothing(events: Events) -> None:
    for second in range(3601):
        events.recorder.told(
            float(second), Warned("web", "refused", "version", f"from {second}"), suppressed=2
        )
    assert len(events) == MOST_WARNINGS + 1
    assert events[-1]["suppressed"] == 3600 - MOST_WARNINGS + 2


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text().splitlines() == list(lines())


@pytest.fixture
def site(status_store: StatusStore, metrics: Metrics, tmp_path: Path) -> Site:
    status_store.node, status_store.boot = "a", "1b4e28ba"
    status_store.events = EventStore(tmp_path, lambda: 1000.0, lambda *_: None, lambda: None)
    for at in (1.0, 2.0):
        status_store.events.put(at, {"event": "check_up", "check": "http"})
    return Site(status_store, metrics)


@pytest.mark.parametrize(
    ("query", "times"),
    [("", [1.0, 2.0]), ("since=1.5", [2.0]), ("after=1000000", [2.0]), ("after=9999999", [])],
)
def test_the_document_has_what_was_asked_for(site: Site, query: str, times: list[float]) -> None:
    answer = respond(Request("GET", "/events.json", query=query), site, READ_ONLY)
    document = json.loads(answer.body)
    assert [event["at"] for event in document.pop("events")] == times
    clocks = {"node": "a", "boot": "1b4e28ba", "now": 1_790_000_000.0, "moment": 1000.0}
    assert document == clocks | {"last_id": 1_000_001, "trouble": None, "lost": 0}


@pytest.mark.parametrize(
    "query", ["after=x", "since=nan", "since=inf", "since=1e999", "before=1", "after=", "a"]
)
def test_a_question_that_makes_no_sense_is_answered_so(site: Site, query: str) -> None:
    answer = respond(Request("GET", "/events.json", query=query), site, READ_ONLY)
    assert answer.status is HTTPStatus.BAD_REQUEST
