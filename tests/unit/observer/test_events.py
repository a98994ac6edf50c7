"""What the router tells is kept, from its start to its end, for the next process, too."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.channel.down import Level, Line, Noted, Pulse, RouterEnds, RouterProcess, StatusAsked
from sidecar.channel.reload import Reloaded, ReloadResult
from sidecar.core.health.reports import CheckChanged
from sidecar.core.pool.events import ServerChanged
from sidecar.observer.events import EventKeeper
from sidecar.plan.plan import ObserverPlan
from sidecar.plan.services import State
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Lines

DOWN = Noted(12.5, CheckChanged("http", "http", up=False, detail="refused"))
PULSE = Pulse(13.0, 10.0, stopping=False, process=RouterProcess(1, 0, 0, 0, 0, 0, 0))
Make = Callable[..., tuple[EventKeeper, StatusStore]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    keepers = []

    def begin(restarts: int = 0) -> tuple[EventKeeper, StatusStore]:
        status_store = StatusStore(lambda: 0.0)
        plan = ObserverPlan("a", routers=("web",), state=State(str(tmp_path / "s")), shared_hash="9f3a")
        keeper = EventKeeper(
            plan,
            restarts,
            status_store,
            Lines().log,
            lambda *why: pytest.fail(str(why)),
            lambda at: 1000.0 + at,
        )
        keepers.append(keeper)
        return keeper, status_store

    yield begin
    for keeper in keepers:
        keeper.close()


def kept(status_store: StatusStore) -> list[dict[str, Any]]:
    assert status_store.events is not None
    return [json.loads(event) for event in status_store.events.select().events]


def test_a_life_is_kept_with_its_beginning_and_its_end(make: Make) -> None:
    keeper, status_store = make()
    for message in (PULSE, DOWN, StatusAsked(), PULSE, Line(14.0, Level.INFO, "started"), RouterEnds()):
        keeper.router(message)
    events = kept(status_store)
    assert [event["event"] for event in events] == ["started", "check_down", "stopped"]
    assert events[0]["at"] == 1010.0
    assert (events[0]["version"], events[0]["config"], events[0]["routers"]) == (
        status_store.version,
        "9f3a",
        ["web"],
    )


def test_the_next_observer_goes_on_and_what_is_told_again_is_kept_once(make: Make) -> None:
    keeper, _ = make()
    keeper.router(PULSE)
    keeper.router(DOWN)
    keeper.close()
    keeper, status_store = make(restarts=1)
    keeper.router(DOWN)
    keeper.router(PULSE)
    assert [event["event"] for event in kept(status_store)] == ["started", "check_down", "observer_started"]


def test_a_reload_that_was_applied_or_refused_is_an_event_and_a_question_is_none(make: Make) -> None:
    keeper, status_store = make()
    for result in ReloadResult:
        keeper.router(Reloaded(1, result, f"why {result}", b""))
    assert [(event["event"], event["result"]) for event in kept(status_store)] == [
        ("reload", result.value) for result in ReloadResult if result in ("applied", "refused")
    ]


def test_what_happens_in_this_process_is_kept(make: Make) -> None:
    keeper, status_store = make()
    keeper.pools([ServerChanged("app", "10.0.0.1:80", up=False, detail="refused")])
    keeper.restarted("nginx", "ok", "restarted after 3 failures", quiet=False)
    keeper.restarted("nginx", "ok", "no news", quiet=True)
    assert [event["event"] for event in kept(status_store)] == ["server_down", "container_restart"]
