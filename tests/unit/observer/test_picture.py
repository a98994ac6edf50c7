"""From messages to what is shown: nothing before everything was told, and all of one moment at once."""

from dataclasses import replace

import pytest

from sidecar.channel.down import CheckShown, Pulse, RouterShown
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.state import State
from sidecar.observer.picture import Picture
from sidecar.privileges import Privileges
from sidecar.telemetry.processes import ObserverFacts
from sidecar.telemetry.status_store import StatusStore
from tests.fuzz.channel_decoders import PROCESS, SNAPSHOT

DECIDED = CheckSnapshot("http", "http", True, "200 in 3 ms", 1.0, 2.0)
SEEN = CheckSnapshot("http", "http", True, "200 in 9 ms", 1.0, 5.0, 1.8e9)
FACTS = ObserverFacts(7, Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True), 2)


class Desk:
    def __init__(self) -> None:
        self.now = 100.0
        self.status_store = StatusStore(lambda: self.now, wall=lambda: 1_790_000_000.0)
        self.seen: tuple[CheckSnapshot, ...] = (SEEN,)
        self.picture = Picture(self.status_store, "a", 2, 1, FACTS, lambda: self.seen)

    def tell_everything(self) -> None:
        self.picture.take(RouterShown(1, replace(SNAPSHOT, name="db")))
        self.picture.take(CheckShown(0, DECIDED))
        self.picture.take(RouterShown(0, SNAPSHOT))
        self.pulse()

    def pulse(self) -> None:
        self.picture.pulse(Pulse(95.0, 40.0, stopping=False, process=PROCESS))


def test_nothing_is_shown_before_everything_was_told_once() -> None:
    desk = Desk()
    desk.picture.take(RouterShown(1, replace(SNAPSHOT, name="db")))
    desk.picture.take(CheckShown(0, DECIDED))
    desk.pulse()
    assert desk.status_store.view() is None
    desk.picture.take(RouterShown(0, SNAPSHOT))
    assert desk.status_store.view() is None
    desk.pulse()
    view = desk.status_store.view()
    assert view is not None
    assert [router.name for router in view.snapshot.routers] == ["web", "db"]


def test_of_a_check_the_own_last_result_is_shown_where_the_router_agrees() -> None:
    desk = Desk()
    desk.tell_everything()
    view = desk.status_store.view()
    assert view is not None
    assert view.snapshot.checks == (replace(SEEN, since=DECIDED.since),)
    desk.picture.take(CheckShown(0, replace(DECIDED, up=False, detail="no result for 3.5 s")))
    desk.pulse()
    view = desk.status_store.view()
    assert view is not None
    (check,) = view.snapshot.checks
    assert (check.up, check.detail) == (False, "no result for 3.5 s")


def test_the_pulse_says_that_the_router_lives_since_when_and_with_what_privileges() -> None:
    desk = Desk()
    desk.tell_everything()
    assert not desk.status_store.alive()
    desk.picture.pulse(Pulse(99.8, 40.0, stopping=True, process=PROCESS))
    view = desk.status_store.view()
    assert view is not None
    assert view.beat_age == pytest.approx(0.2)
    assert view.uptime == pytest.approx(60.0)
    assert view.snapshot.stopping
    assert view.processes is not None
    assert view.processes.observer == FACTS
    assert view.processes.router is not None
    assert (view.processes.router.effective, view.processes.router.malformed) == (0x3000, 2)
    desk.now += 3
    assert not desk.status_store.alive()


def test_without_a_pulse_the_own_results_are_shown_beside_what_was_told_last() -> None:
    desk = Desk()
    desk.picture.show_checks()
    assert desk.status_store.view() is None
    desk.tell_everything()
    desk.picture.take(RouterShown(0, replace(SNAPSHOT, state=State.BACKUP)))
    desk.seen = (replace(SEEN, detail="200 in 11 ms"),)
    desk.picture.show_checks()
    view = desk.status_store.view()
    assert view is not None
    assert view.snapshot.checks[0].detail == "200 in 11 ms"
    assert view.snapshot.routers[0] == SNAPSHOT
    assert view.snapshot.at == 95.0


def test_a_change_is_shown_with_its_pulse() -> None:
    """Half of what has changed at one moment may be in the channel yet."""
    desk = Desk()
    desk.tell_everything()
    desk.picture.take(RouterShown(0, replace(SNAPSHOT, state=State.BACKUP)))
    states = []
    for _ in range(2):
        view = desk.status_store.view()
        assert view is not None
        states.append(view.snapshot.routers[0].state)
        desk.pulse()
    assert states == [SNAPSHOT.state, State.BACKUP]
