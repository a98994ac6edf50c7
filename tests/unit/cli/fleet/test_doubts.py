"""Two masters or none count once every host was asked again; nothing else waits."""

from sidecar.cli.fleet.doubts import AGAIN_AFTER, Doubts
from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.targets import Target
from sidecar.cli.fleet.verdicts import judge
from sidecar.cli.fleet.word import Word
from tests.unit.cli.fleet.fleets import NOW, master, standby, target, unreadable

A, B = target("a"), target("b")
WELL = (master("a"), standby("b"))
BOTH = (master("a"), master("b"))
NOBODY = (standby("a"), standby("b"))


class Asked:
    """Hosts whose answers are judged again and again; each was asked at that moment."""

    def __init__(self) -> None:
        self._doubts = Doubts()
        self.again: frozenset[Target] = frozenset()

    def look(self, answers: tuple[Answer, ...], now: float, **asked_at: float) -> Word:
        moments = {"a": now, "b": now} | asked_at
        shown, self.again = self._doubts.weigh(judge(answers, NOW), lambda each: moments[each.host], now)
        (only,) = shown
        return only.word


def test_a_move_between_two_questions_is_never_shown_as_two_masters() -> None:
    hosts = Asked()
    assert hosts.look(WELL, 10.0) is Word.OK
    assert hosts.look(BOTH, 11.0, a=10.2) is Word.OK
    assert hosts.again == {A, B}
    moved = (standby("a"), master("b", router={"since": NOW - 1}))
    assert hosts.look(moved, 11.2) is Word.MOVED
    assert hosts.again == frozenset()


def test_two_masters_are_certain_when_each_was_asked_a_second_later() -> None:
    hosts = Asked()
    hosts.look(WELL, 10.0)
    hosts.look(BOTH, 11.0)
    assert hosts.look(BOTH, 11.5) is Word.OK
    assert hosts.again == frozenset()  # it is too early
    later = 11.0 + AGAIN_AFTER
    assert hosts.look(BOTH, later + 0.1, a=later, b=later - 0.1) is Word.OK
    assert hosts.again == {A, B}
    assert hosts.look(BOTH, later + 0.2, a=later, b=later) is Word.TWO_MASTERS
    assert hosts.look(BOTH, later + 0.3, a=later, b=later) is Word.TWO_MASTERS
    assert hosts.look(WELL, later + 0.4) is Word.OK


def test_a_doubt_that_was_settled_begins_anew() -> None:
    hosts = Asked()
    for now in (10.0, 20.0):
        assert hosts.look(WELL, now) is Word.OK
        assert hosts.look(NOBODY, now + 1) is Word.OK
    assert hosts.look(NOBODY, 22.1) is Word.NO_MASTER


def test_what_was_never_certain_is_shown_as_it_seems() -> None:
    assert Asked().look(NOBODY, 10.0) is Word.NO_MASTER


def test_a_host_that_is_unreadable_is_shown_at_once() -> None:
    hosts = Asked()
    hosts.look(WELL, 10.0)
    assert hosts.look((master("a"), unreadable("b")), 10.1) is Word.UNREADABLE
    assert hosts.again == frozenset()
