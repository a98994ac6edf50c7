"""Real connections, again and again: a change is seen, what hangs or dies is unreadable and delays nobody."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.targets import Target
from sidecar.cli.fleet.watcher import FleetWatcher
from sidecar.cli.fleet.word import Word
from tests.unit.cli.fleet.answering import OK, Answering
from tests.unit.telemetry.handmade import Clock
from tests.unit.telemetry.node_documents import document

pytestmark = pytest.mark.parts

HOLDS = {"state": "MASTER"}
WAIT = 60.0


def says(node: str, *, serves: bool = False) -> bytes:
    return OK + json.dumps(document(node=node, owned=serves, router=HOLDS if serves else None)).encode()


@contextmanager
def watching(
    *targets: Target, deadline: float = 30.0, clock: Callable[[], float] = time.monotonic
) -> Iterator[FleetWatcher]:
    watcher = FleetWatcher(targets, every=0.05, deadline=deadline, clock=clock)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


def until(watcher: FleetWatcher, so: Callable[[Picture], bool]) -> Picture:
    ends = time.monotonic() + WAIT
    while not so(picture := watcher.look()):
        assert time.monotonic() < ends, picture
        time.sleep(0.02)
    return picture


def word(picture: Picture) -> Word:
    return picture.judged[0].word


@pytest.fixture
def pair() -> Iterator[tuple[Answering, Answering]]:
    with ExitStack() as stack:
        a, b = (stack.enter_context(Answering(says(name, serves=name == "a"))) for name in "ab")
        yield a, b


def test_a_failover_is_seen_and_never_looks_like_two_masters(pair: tuple[Answering, Answering]) -> None:
    a, b = pair
    seen: set[Word] = set()

    def moved(picture: Picture) -> bool:
        seen.add(word(picture))
        return picture.judged[0].sentence.startswith("b serves")

    with watching(a.target, b.target) as watcher:
        assert word(watcher.look()) is Word.OK
        b.says = says("b", serves=True)
        a.says = says("a")
        until(watcher, moved)
    assert seen <= {Word.OK, Word.MOVED}


def test_two_masters_are_told_once_they_are_certain(pair: tuple[Answering, Answering]) -> None:
    a, b = pair
    with watching(a.target, b.target) as watcher:
        watcher.look()
        b.says = says("b", serves=True)
        until(watcher, lambda picture: word(picture) is Word.TWO_MASTERS)


def test_a_host_that_hangs_is_unreadable_and_delays_no_other_one(pair: tuple[Answering, Answering]) -> None:
    a, b = pair
    with ExitStack() as stack:
        hanging = [stack.enter_context(Answering(b"", holds=True)).target for _ in range(10)]
        with watching(*hanging, a.target, b.target, deadline=0.5) as watcher:
            silent = {"no answer within 0.5 s"}
            until(watcher, lambda picture: {answer.fault for answer in picture.answers[:10]} == silent)
            asked = a.answered
            until(watcher, lambda _: a.answered >= asked + 20)
            b.close()
            picture = until(watcher, lambda picture: picture.answers[-1].told is None)
            assert picture.judged[0].word is Word.UNREADABLE


def test_an_old_picture_is_never_shown_as_new(pair: tuple[Answering, Answering]) -> None:
    clock = Clock()
    with watching(*(each.target for each in pair), clock=clock) as watcher:
        assert word(watcher.look()) is Word.OK
        watcher.stop()
        clock.now += 60
        picture = watcher.look()
    assert word(picture) is Word.UNREADABLE
    assert [answer.fault for answer in picture.answers] == ["this program has asked nobody for long"] * 2


def test_when_the_thread_ends_every_host_is_unreadable(pair: tuple[Answering, Answering]) -> None:
    def broken() -> float:
        if threading.current_thread().name == "fleet":
            raise ArithmeticError("no clock")
        return time.monotonic()

    watcher = FleetWatcher(tuple(each.target for each in pair), clock=broken)
    watcher.start()
    picture = watcher.look()
    watcher.stop(WAIT)
    assert [answer.told for answer in picture.answers] == [None, None]
    assert picture.answers[0].fault == "nobody is asked any more: ArithmeticError: no clock"
