"""A drain that somebody asks for: refused or kept, told to the router, and ended."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf
from pathlib import Path
from typing import Any

import pytest

from sidecar.clock import clock
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.state import State
from sidecar.observer.drain import DrainKeeper
from sidecar.telemetry import drain_file
from sidecar.telemetry.drain_file import Drained
from sidecar.telemetry.http_message import Peer, Request, Response
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.node_document import NodeTold, RouterTold
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.routes import Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import VIP, Clock, Lines, router, snapshot

ROOT = Peer(0, 4711)
WEB = RouterTold("web", 51, State.BACKUP, 1.0, "listening", 240, 240, (VIP.ip,), frozenset())
STANDBY = NodeRecord("http://b", 0.0, NodeTold("b", "1", "9f3a", False, True, (WEB,)), 999.0, fault="")


@dataclass
class Stage:
    """A keeper of a host that serves, and everything that it says."""

    folder: Path
    able: bool = True
    told: list[DrainAsked | UndrainAsked] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    lines: Lines = field(default_factory=Lines)

    def __post_init__(self) -> None:
        self.status_store = StatusStore(Clock(1000.0))
        self.status_store.publish(snapshot(router()))
        self.status_store.beat(1000.0)
        self.keeper = self.begin()

    def begin(self) -> DrainKeeper:
        """The keeper of the next observer."""
        return DrainKeeper(
            self.folder,
            self.status_store,
            self.lines.log,
            self.told.append,
            lambda name, **fields: self.notes.append((name, fields)),
            lambda *why: self.troubles.append(why),
        )

    def ask(self, path: str, query: str = "") -> tuple[HTTPStatus, dict[str, Any]]:
        self.status_store.nodes = (STANDBY,) if self.able else ()
        site = Site(self.status_store, Metrics((), (), self.status_store))
        answer: Response = respond(Request("POST", path, query=query, peer=ROOT), site, self.keeper.routes)
        is_json = answer.content_type == "application/json"
        return answer.status, json.loads(answer.body) if is_json else {}

    def forgotten(self) -> bool:
        """Whether the file goes, which nobody waits for."""
        ends = time.monotonic() + 60
        while drain_file.read(self.folder) is not None and time.monotonic() < ends:
            time.sleep(0.005)
        return drain_file.read(self.folder) is None

    def pulse(self, until: float | None) -> None:
        """The router lives, and is drained until then."""
        self.keeper.told(until)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "state")


def test_a_drain_is_kept_then_told_and_everybody_knows_who_wanted_it(stage: Stage) -> None:
    status, answer = stage.ask("/drain", "for=1800")
    assert (status, answer["result"]) == (HTTPStatus.OK, "drained")
    kept = drain_file.read(stage.folder)
    assert kept is not None
    assert kept.until == kept.since + 1800
    (told,) = stage.told
    assert isinstance(told, DrainAsked)
    assert told.why == answer["why"] == kept.why
    assert [name for name, _ in stage.notes] == ["drained"]
    (line,) = stage.lines.seen
    assert (line["event"], line["uid"], line["pid"]) == ("drained", 0, 4711)


def test_what_would_leave_nobody_is_refused_unless_it_is_forced(stage: Stage) -> None:
    stage.able = False
    status, answer = stage.ask("/drain")
    assert (status, answer["result"]) == (HTTPStatus.CONFLICT, "refused")
    assert "no other host is known" in answer["why"]
    assert not stage.told
    assert drain_file.read(stage.folder) is None
    assert stage.lines.seen[0]["event"] == "drain_refused"
    assert stage.ask("/drain", "force=")[0] is HTTPStatus.OK
    assert stage.told[0] == DrainAsked(inf, "drained by uid 0 until it is taken back")


def test_a_drain_that_cannot_be_kept_is_refused_unless_it_is_forced(stage: Stage) -> None:
    stage.folder.write_text("in the way")
    assert stage.ask("/drain")[0] is HTTPStatus.CONFLICT
    assert not stage.told
    status, answer = stage.ask("/drain", "force=")
    assert status is HTTPStatus.OK
    assert "not kept across a restart" in answer["why"]
    assert stage.troubles[0][:2] == ("drain", "write")


class Slow:
    """A disk that stands still until `go` is set."""

    def __init__(self, real: Callable[..., None]) -> None:
        self.go, self.asked = threading.Event(), threading.Event()
        self._real = real

    def __call__(self, *arguments: object) -> None:
        self.asked.set()
        assert self.go.wait(60)
        self._real(*arguments)


def test_whoever_tells_what_the_router_says_does_not_wait_for_the_disk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, remove = Slow(drain_file.write), Slow(drain_file.remove)
    monkeypatch.setattr(drain_file, "write", write)
    monkeypatch.setattr(drain_file, "remove", remove)
    answers: list[HTTPStatus] = []
    asks = threading.Thread(target=lambda: answers.append(stage.ask("/drain", "for=1800")[0]))
    asks.start()
    assert write.asked.wait(60)
    assert told_at_once(stage, None)
    assert not answers
    write.go.set()
    asks.join(60)
    assert answers == [HTTPStatus.OK]
    (asked,) = stage.told
    assert isinstance(asked, DrainAsked)
    stage.pulse(asked.until)
    assert told_at_once(stage, None)
    assert remove.asked.wait(60)
    # The next one comes before the file of this one has gone.
    again = threading.Thread(target=lambda: answers.append(stage.ask("/drain")[0]))
    again.start()
    remove.go.set()
    again.join(60)
    assert answers == [HTTPStatus.OK, HTTPStatus.OK]
    kept = drain_file.read(stage.folder)
    assert kept is not None
    assert kept.until is None


def told_at_once(stage: Stage, until: float | None) -> bool:
    teller = threading.Thread(target=stage.pulse, args=(until,), daemon=True)
    teller.start()
    teller.join(10)
    return not teller.is_alive()


def test_undrain_ends_it_for_good(stage: Stage) -> None:
    stage.ask("/drain")
    assert stage.ask("/undrain")[0] is HTTPStatus.OK
    assert stage.told[-1] == UndrainAsked()
    assert drain_file.read(stage.folder) is None
    assert stage.notes[-1][0] == "undrained"
    assert stage.ask("/undrain")[0] is HTTPStatus.OK


def test_the_end_of_a_drain_is_noticed_and_it_is_forgotten(stage: Stage) -> None:
    drain_file.write(stage.folder, Drained(time.time() - 60, time.time() - 1, "uid 0"))
    stage.keeper = stage.begin()
    stage.pulse(999.0)
    assert stage.status_store.maintenance
    stage.pulse(None)
    stage.pulse(None)
    assert not stage.status_store.maintenance
    assert stage.notes == [("undrained", {"reason": "expired"})]
    assert stage.forgotten()


def test_a_drain_that_is_over_does_not_begin_again_though_the_clock_was_set_back(stage: Stage) -> None:
    stage.ask("/drain", "for=1800")
    (told,) = stage.told
    assert isinstance(told, DrainAsked)
    stage.pulse(None)
    (_, again) = stage.told
    assert isinstance(again, DrainAsked)
    stage.pulse(again.until)
    stage.pulse(None)
    assert len(stage.told) == 2
    assert stage.notes[-1] == ("undrained", {"reason": "expired"})
    assert stage.forgotten()


@pytest.mark.parametrize("since", [3600.0, 0.0], ids=["before the drain", "within it"])
def test_a_drain_of_an_earlier_observer_ends_when_the_router_says_so(stage: Stage, since: float) -> None:
    began = time.time() + since
    drain_file.write(stage.folder, Drained(began, began + 60, "uid 0"))
    stage.keeper = stage.begin()
    stage.pulse(clock() + 59.9)
    stage.pulse(None)
    assert not stage.told
    assert stage.forgotten()


def test_a_drain_that_takes_the_place_of_another_one_is_told_until_the_router_has_it(stage: Stage) -> None:
    stage.ask("/drain", "for=1")
    (first,) = stage.told
    assert isinstance(first, DrainAsked)
    stage.ask("/drain", "for=1800")
    stage.pulse(first.until)
    stage.pulse(None)
    assert len(stage.told) == 3
    assert drain_file.read(stage.folder) is not None
    # Likewise if the observer has ended in between.
    stage.keeper = stage.begin()
    stage.pulse(first.until)
    stage.pulse(None)
    assert len(stage.told) == 4


def test_a_drain_that_the_router_was_not_told_of_is_told_by_the_next_observer(stage: Stage) -> None:
    drain_file.write(stage.folder, Drained(time.time(), None, "uid 0"))
    stage.keeper = stage.begin()
    stage.pulse(None)
    assert stage.told == [DrainAsked(inf, "drained by uid 0 until it is taken back")]
    stage.pulse(inf)
    assert len(stage.told) == 1
    view = stage.status_store.view()
    assert view is not None
    assert view.drained == drain_file.read(stage.folder)


@pytest.mark.parametrize("query", ["for=x", "for=-1", "for=0", "for=nan", "for=inf", "for=1e12"])
def test_a_span_that_makes_no_sense_is_answered_so(stage: Stage, query: str) -> None:
    assert stage.ask("/drain", query)[0] is HTTPStatus.BAD_REQUEST
    assert not stage.told
