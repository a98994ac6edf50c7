"""Signs of life cost no turn of their own, and a picture is made only for somebody who looks."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

import pytest

from sidecar.channel.down import Beat, Down, Pulse, RouterProcess, Totals
from sidecar.channel.up import Look
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.core.state import State
from sidecar.event_loop import EventLoop
from sidecar.router.heartbeat import ALONE, BEAT, SETTLED, SOON, Heartbeat
from sidecar.router.publisher import SPACING, Publisher
from sidecar.router.tallies import Tallies
from tests.fuzz.channel_decoders import PROCESS, SNAPSHOT
from tests.unit.router.test_publisher import Listener

Message = TypeVar("Message", bound=Down)


class Desk:
    """A heartbeat on a loop with a clock that is set by hand. It is the supervisor, too."""

    looked: Callable[[Look], None]
    pid = None

    def __init__(self, loop: EventLoop) -> None:
        self.now = 100.0
        self.loop = loop
        loop.clock = lambda: self.now
        self.talk = Listener()
        self.beats: list[float] = []
        self.awaited = self.owed = False
        self.pictures = 0
        self.drained_until: float | None = None
        self.state = State.BACKUP
        self.cost = 0.0
        """Seconds that a picture takes."""
        self.tallies = Tallies()
        self.heart = Heartbeat(
            loop,
            self,  # type: ignore[arg-type]
            Publisher(self.talk, self.tallies, 0.0),
            self.beaten,
            self.standing,
            self.present,
        )

    def beaten(self) -> bool:
        self.beats.append(self.now)
        return self.awaited

    def standing(self) -> Standing:
        return Standing(self.drained_until, ((self.state, frozenset()),))

    def look(self, now: float) -> bool:
        assert now == self.now
        return self.owed

    def present(self) -> tuple[Snapshot, RouterProcess]:
        self.pictures += 1
        self.now += self.cost
        return Snapshot("a", self.now, (SNAPSHOT,), (), stopping=False), PROCESS

    def at(self, now: float) -> None:
        """It is so late now: serve what is due."""
        self.now = now
        self.loop.turn(-1.0)
        self.heart.ride()

    def answers(self) -> list[int]:
        return [each.answers for each in self.told(Pulse)]

    def told(self, kind: type[Message]) -> list[Message]:
        return [each for each in self.talk.take() if isinstance(each, kind)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with closing(EventLoop()) as loop:
        yield Desk(loop)


def test_a_beat_comes_with_a_turn_that_is_taken_anyway(desk: Desk) -> None:
    """Such as that of an advert, once a second."""
    desk.heart.pulse()
    desk.heart.beat()
    for beat in range(1, 5):
        desk.at(100.001 + beat * BEAT)
    assert desk.beats == [100.0, *(100.001 + beat * BEAT for beat in range(1, 5))]
    assert [each.at for each in desk.told(Beat)] == desk.beats


def test_without_such_a_turn_it_comes_by_itself(desk: Desk) -> None:
    desk.heart.beat()
    for _ in range(4):
        assert desk.loop.due(1000.0) == desk.now + BEAT + ALONE
        desk.at(desk.now + BEAT + ALONE)
    assert len(desk.beats) == 5


def test_many_turns_make_no_more_beats(desk: Desk) -> None:
    """Those of adverts every 10 ms."""
    desk.heart.beat()
    for turn in range(1, 301):
        desk.at(100 + turn * 0.01)
    assert len(desk.beats) == 4


@pytest.mark.parametrize("who", ["owed", "awaited"])
def test_while_something_is_awaited_beats_come_soon(desk: Desk, who: str) -> None:
    """A word of the observer, or an answer on the LAN."""
    setattr(desk, who, True)
    desk.heart.beat()
    assert desk.loop.due(1000.0) == 100.0 + SOON
    desk.at(100.0 + SOON)
    setattr(desk, who, False)
    desk.at(100.0 + 2 * SOON)
    assert desk.beats == [100.0, 100.0 + SOON, 100.0 + 2 * SOON]
    assert desk.loop.due(1000.0) == desk.now + BEAT + ALONE


def test_no_picture_is_made_while_nobody_looks_and_nothing_changes(desk: Desk) -> None:
    desk.heart.pulse()
    desk.heart.beat()
    for beat in range(1, 20):
        desk.at(100 + beat * BEAT)
    assert desk.pictures == 1


def test_a_change_is_shown_soon_whoever_looks_and_once(desk: Desk) -> None:
    desk.heart.pulse()
    desk.at(101.0)
    for _ in range(3):
        desk.heart.changed()
    for _ in range(2):
        desk.at(101.0 + SETTLED / 2)
    assert desk.pictures == 1
    for _ in range(4):
        desk.at(101.0 + SETTLED)
    assert desk.pictures == 2


def test_whoever_looks_does_not_wait_until_a_change_has_settled(desk: Desk) -> None:
    desk.heart.changed()
    desk.looked(Look(1))
    for _ in range(2):
        desk.at(100.0)
    assert desk.answers() == [1]
    for _ in range(3):
        desk.at(100.0 + 2 * SETTLED)
    assert desk.pictures == 1


def test_a_sign_of_life_confirms_no_state_that_was_not_told(desk: Desk) -> None:
    """Whatever has changed it, and whether that is told by itself or not."""
    desk.heart.pulse()
    desk.talk.take()
    desk.state = State.MASTER
    desk.heart.beat()
    assert [type(each) for each in desk.talk.take()] == [Pulse]
    desk.at(desk.now + BEAT)
    assert [type(each) for each in desk.talk.take()] == [Beat]


def test_a_beat_says_until_when_the_host_is_drained(desk: Desk) -> None:
    desk.drained_until = 160.0
    desk.heart.pulse()
    desk.heart.beat()
    assert [each.drained_until for each in desk.told(Beat)] == [160.0]


def test_pictures_of_many_routers_take_a_small_part_of_a_processor(desk: Desk) -> None:
    desk.cost = 0.01
    for number in range(1, 201):
        desk.looked(Look(number))
        desk.at(desk.now + 0.01)
    assert desk.pictures * desk.cost <= 0.06 * (desk.now - 100.0)


def test_a_look_is_answered_after_the_step_that_follows(desk: Desk) -> None:
    desk.looked(Look(1))
    desk.at(100.0)
    assert desk.pictures == 0
    desk.at(100.0)
    assert desk.answers() == [1]


def test_many_looks_are_one_picture_and_no_more_than_so_many_a_second(desk: Desk) -> None:
    for number in range(1, 10):
        desk.looked(Look(number))
    for _ in range(2):
        desk.at(100.0)
    assert desk.answers() == [9]
    desk.looked(Look(10))
    for _ in range(2):
        desk.at(100 + SPACING / 2)
    assert desk.answers() == []
    for _ in range(2):
        desk.at(100 + SPACING)
    assert desk.answers() == [10]


def test_totals_are_told_to_those_who_want_them(desk: Desk) -> None:
    desk.tallies.count("errors_total", "a", "b")
    for number, totals in enumerate((False, True, False), 1):
        desk.tallies.count("errors_total", "a", "b")
        desk.looked(Look(number, totals=totals))
        for _ in range(2):
            desk.at(desk.now + SPACING)
        assert len(desk.told(Totals)) == totals


def test_a_new_observer_has_asked_nothing_and_is_told_everything(desk: Desk) -> None:
    desk.looked(Look(7, totals=True))
    for _ in range(2):
        desk.at(100.0)
    before = desk.talk.take()
    desk.looked(Look(8))
    desk.heart.greeted()
    after = desk.talk.take()
    assert len(after) == len(before)
    assert isinstance(after[-1], Pulse)
    assert after[-1].answers == 0
