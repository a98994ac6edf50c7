"""The status document, made from the last picture.

Modules: telemetry.status_store.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar import __version__
from sidecar.core.state import State
from sidecar.plan.rules import RouterRules, Rulebook
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.status import obstacles, remarks, render
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import VERSION_TWO, Clock, router, snapshot
from tests.unit.telemetry.node_documents import told

GOLDEN = Path(__file__).with_name("status.golden.json")


def test_the_document_is_the_golden_one(status_store: StatusStore) -> None:
    view = status_store.view()
    assert view is not None
    # Releases change the version, not the document.
    assert render(view) == json.loads(GOLDEN.read_text()) | {"version": __version__}


def test_nothing_is_shown_before_the_first_snapshot(clock: Clock) -> None:
    assert StatusStore(clock).view() is None


def test_a_stuck_loop_owns_no_vip(status_store: StatusStore, clock: Clock) -> None:
    clock.now += 1.1
    view = status_store.view()
    assert view is not None
    document = render(view)
    assert document["virtual_routers"][0]["addresses"] == [
        {"address": "10.77.0.100/32", "desired": True, "owned": False, "mac": None}
    ]
    assert document["loop"] == {"alive": True, "beat_age_seconds": 1.1, "picture_age_seconds": 1.1}
    clock.now += 1.0
    view = status_store.view()
    assert view is not None
    assert render(view)["loop"] == {"alive": False, "beat_age_seconds": 2.1, "picture_age_seconds": 2.1}


def test_a_sign_of_life_confirms_states_and_vips_and_makes_nothing_else_young(
    status_store: StatusStore, clock: Clock
) -> None:
    """It has told signs of life and nothing else for a minute."""
    clock.now += 60.0
    status_store.beat(clock.now - 0.4)
    view = status_store.view()
    assert view is not None
    assert view.believed
    assert not view.current
    document = render(view)
    assert document["loop"] == {"alive": True, "beat_age_seconds": 0.4, "picture_age_seconds": 60.0}
    (router,) = document["virtual_routers"]
    assert router["addresses"][0]["owned"]
    before = json.loads(GOLDEN.read_text())["virtual_routers"][0]["master"]
    assert router["master"] == before


def test_ages_grow_and_moments_stand_still_while_the_snapshot_is_the_same(
    clock: Clock,
) -> None:
    status_store = StatusStore(clock, wall=lambda: 1_790_000_000.0 + clock.now)
    status_store.publish(snapshot())
    seen = []
    for clock.now in (1000.0, 1000.5):
        status_store.beat(clock.now)
        view = status_store.view()
        assert view is not None
        seen.append(render(view))
    first, second = seen
    assert first["virtual_routers"][0]["since"] == second["virtual_routers"][0]["since"] == 1_790_000_940.0
    assert first["checks"][0]["age_seconds"] == 0.4
    assert second["checks"][0]["age_seconds"] == 0.9


@pytest.mark.parametrize("state", [State.MASTER, State.BACKUP])
def test_serving_and_standing_by_are_ready(status_store: StatusStore, state: State) -> None:
    status_store.publish(snapshot(router(state=state)))
    assert obstacles(status_store.view(), status_store.beat_age, alive=status_store.alive()) == []


@pytest.mark.parametrize("state", [State.FAULT, State.INIT])
def test_one_router_that_cannot_serve_is_named(status_store: StatusStore, state: State) -> None:
    broken = router(name="db", state=state, reason="interface eth1 does not exist")
    status_store.publish(snapshot(router(), broken))
    reasons = obstacles(status_store.view(), status_store.beat_age, alive=status_store.alive())
    assert reasons == [f"db is {state}: interface eth1 does not exist"]


def test_a_board_without_a_beat_is_starting_and_not_stuck_for_ever(clock: Clock) -> None:
    status_store = StatusStore(clock)
    status_store.publish(snapshot())
    assert obstacles(status_store.view(), status_store.beat_age, alive=status_store.alive()) == [
        "starting: the protocol loop has not run yet"
    ]


def test_a_refused_sender_is_shown_with_what_differs_and_the_host_stays_ready(
    status_store: StatusStore,
) -> None:
    followed = replace(VERSION_TWO, mac=None, refused=False, reason="addresses")
    status_store.publish(snapshot(router(mismatches=(VERSION_TWO, followed))))
    view = status_store.view()
    assert view is not None
    first, second = render(view)["virtual_routers"][0]["mismatches"]
    assert first == {
        "source": "10.77.0.66",
        "mac": "02:00:00:77:00:42",
        "reason": "version",
        "refused": True,
        "detail": "it speaks VRRP version 2, we version 3",
        "remedy": "set `version: 2` here",
        "adverts": 5,
        "last_advert_age_seconds": 0.5,
    }
    assert second["mac"] is None
    assert obstacles(view, status_store.beat_age, alive=True) == []
    what = "it speaks VRRP version 2, we version 3; set `version: 2` here"
    assert remarks(view) == [
        f"web: adverts of 10.77.0.66 (02:00:00:77:00:42) are refused: {what}",
        f"web: adverts of 10.77.0.66 are followed: {what}",
    ]


def test_a_stuck_loop_tells_of_nobody(status_store: StatusStore, clock: Clock) -> None:
    status_store.publish(snapshot(router(mismatches=(VERSION_TWO,))))
    clock.now += 3
    assert remarks(status_store.view()) == []


def test_each_router_names_the_checks_on_which_it_depends(status_store: StatusStore) -> None:
    status_store.rules = Rulebook(
        (RouterRules("web", 100, preempt=True, preempt_delay=0.0, checks=("http",)),)
    )
    view = status_store.view()
    assert view is not None
    assert render(view)["virtual_routers"][0]["checks"] == ["http"]


def test_a_backup_shows_what_moves_cost_with_its_priority_of_this_moment(status_store: StatusStore) -> None:
    backup = router(state=State.BACKUP, priority=250, effective_priority=90)
    status_store.publish(snapshot(backup))
    view = status_store.view()
    assert view is not None
    (costs,) = (each["costs"] for each in render(view)["virtual_routers"])
    assert (costs["stop_seconds"], costs["crash_seconds"]) == (0.648, 3.648)
    assert "because the priority here is 90" in costs["sentence"]


def test_who_drains_another_host_is_shown_with_what_it_tells(status_store: StatusStore) -> None:
    new = NodeRecord("http://10.77.0.12:9650", 900.0)
    drain = {"since": None, "until": None, "why": "drained by uid 0"}
    answers = told(), told(drain=drain), told(drain=drain | {"why": ""})
    status_store.show_nodes((new, *(new.answered(each, 999.0, 999.1) for each in answers)))
    view = status_store.view()
    assert view is not None
    assert [each["drained"] for each in render(view)["nodes"]] == [None, None, "drained by uid 0", "drained"]


def test_a_moment_of_the_past_is_the_same_at_every_look(clock: Clock) -> None:
    """Time passes between the readings of two clocks, now and then the turn of another thread."""
    # Before the fourth look somebody sets the clock by a minute.
    late = iter((0.0, 0.0, 0.000_02, 0.009, 60.0, 60.001))
    store = StatusStore(clock, wall=lambda: 1_790_000_000.0 + clock.now + next(late))
    store.publish(snapshot())
    moments = []
    for _ in range(5):
        clock.now += 1.0
        view = store.view()
        assert view is not None
        moments.append(view.at_wall(900.0))
    assert moments == [*3 * [1_790_000_900.0], *2 * [1_790_000_960.0]]
