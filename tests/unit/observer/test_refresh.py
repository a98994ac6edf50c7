"""A look shows how things were after it had begun, or that the router does not answer."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from sidecar.channel.up import Look
from sidecar.observer.refresh import Refresh, state

ENOUGH = 20.0


class Router:
    """A loop in a thread, in which questions arrive. Answers are given by hand."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.state = "R"
        self.asked: list[Look] = []
        self._arrived = threading.Semaphore(0)
        self.refresh = Refresh(loop, self._hear, lambda: self.state)

    def _hear(self, question: Look) -> None:
        self.asked.append(question)
        self._arrived.release()

    def await_question(self) -> Look:
        assert self._arrived.acquire(timeout=ENOUGH)
        return self.asked[-1]

    def answer(self, number: int) -> None:
        self.loop.call_soon_threadsafe(self.refresh.told, number)

    def looking(self, *, totals: bool = False) -> Event:
        """Somebody looks: the event is set when that is over."""
        seen = Event()

        def look() -> None:
            self.refresh.look(totals)
            seen.set()

        threading.Thread(target=look).start()
        return seen

    def looking_meanwhile(self, *, totals: bool = False) -> Event:
        """Somebody looks while a question is under way."""
        seen = self.looking(totals=totals)
        ends = time.monotonic() + ENOUGH
        while not self.refresh.again and time.monotonic() < ends:
            time.sleep(0.001)
        return seen


@contextmanager
def router() -> Iterator[Router]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Router(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes nobody give up, or ask again."""
    monkeypatch.setattr("sidecar.observer.refresh.PATIENCE", ENOUGH)
    monkeypatch.setattr("sidecar.observer.refresh.LOST", ENOUGH)


@pytest.mark.usefixtures("patient")
def test_a_look_lasts_until_its_answer() -> None:
    with router() as there:
        seen = there.looking()
        number = there.await_question().number
        there.answer(number - 1)
        assert not seen.wait(0.01)
        there.answer(number)
        assert seen.wait(ENOUGH)


@pytest.mark.usefixtures("patient")
def test_a_later_look_gets_a_later_answer() -> None:
    """The one under way may have been written before. No second question is asked meanwhile."""
    with router() as there:
        first = there.looking()
        number = there.await_question().number
        second = there.looking_meanwhile()
        assert len(there.asked) == 1
        there.answer(number)
        assert first.wait(ENOUGH)
        assert there.await_question().number == number + 1
        assert not second.is_set()
        there.answer(number + 1)
        assert second.wait(ENOUGH)


@pytest.mark.usefixtures("patient")
def test_of_many_looks_one_question_is_under_way_at_a_time() -> None:
    with router() as there:
        looks = [there.looking() for _ in range(8)]
        for number in range(1, 10):
            if all(look.is_set() for look in looks):
                break
            assert there.await_question().number == number
            assert len(there.asked) == number
            there.answer(number)
            # Either these were all, or the next question comes.
            while not (all(look.is_set() for look in looks) or len(there.asked) > number):
                time.sleep(0.001)
        assert all(look.wait(ENOUGH) for look in looks)
        assert len(there.asked) <= 8


@pytest.mark.usefixtures("patient")
def test_totals_are_asked_for_where_somebody_wants_them() -> None:
    with router() as there:
        first = there.looking()
        assert there.await_question() == Look(1)
        second = there.looking_meanwhile(totals=True)
        there.answer(1)
        assert first.wait(ENOUGH)
        assert there.await_question() == Look(2, totals=True)
        there.answer(2)
        assert second.wait(ENOUGH)
        third = there.looking()
        assert there.await_question() == Look(3)
        there.answer(3)
        assert third.wait(ENOUGH)


def test_what_is_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.observer.refresh.PATIENCE", ENOUGH)
    monkeypatch.setattr("sidecar.observer.refresh.LOST", 0.01)
    with router() as there:
        seen = there.looking(totals=True)
        there.await_question()
        again = there.await_question()
        assert again.number > 1
        assert again.totals
        there.answer(again.number)
        assert seen.wait(ENOUGH)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("letter", ["T", "D", "S", ""], ids=["stopped", "in the kernel", "asleep", "gone"])
def test_a_router_that_stands_still_is_waited_for_no_longer(letter: str) -> None:
    with router() as there:
        seen = there.looking()
        there.await_question()
        assert not seen.wait(0.01)
        there.state = letter
        assert seen.wait(ENOUGH / 2)
        assert there.looking().wait(ENOUGH / 2)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("asked", [False, True], ids=["not asked yet", "answered already"])
def test_a_router_that_idles_while_this_process_is_late_does_not_stand_still(asked: bool) -> None:
    """On a busy machine the loop has sent no question yet, or has not read the answer."""
    with router() as there:
        there.state = "S"
        late = Event()

        def hear(question: Look) -> None:
            there._hear(question)
            late.wait(ENOUGH)

        if asked:
            there.refresh._send = hear
        else:
            there.loop.call_soon_threadsafe(late.wait, ENOUGH)
        seen = there.looking()
        if asked:
            there.answer(there.await_question().number)
        assert not seen.wait(0.3)
        there.state = "R"
        late.set()
        if not asked:
            there.answer(there.await_question().number)
        assert seen.wait(ENOUGH)


def test_a_router_that_runs_and_never_answers_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecar.observer.refresh.PATIENCE", 0.05)
    with router() as there:
        assert there.looking().wait(ENOUGH)


def test_a_router_that_waits_until_it_may_tell_the_next_picture_is_waited_for() -> None:
    """Pictures are some 50 ms apart, and more where there are many routers."""
    with router() as there:
        there.state = "S"
        for number in range(1, 6):
            seen = there.looking()
            there.await_question()
            assert not seen.wait(0.1)
            there.answer(number)
            assert seen.wait(ENOUGH)
            assert len(there.asked) == number


@pytest.mark.usefixtures("patient")
def test_nothing_is_asked_when_the_loop_has_ended() -> None:
    with router() as there:
        pass
    there.refresh.look()
    assert not there.asked


def test_a_process_that_is_stopped_does_not_run_and_one_that_waits_for_a_processor_does() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            assert eventually(lambda: state(busy.pid) == "R")
            os.kill(busy.pid, signal.SIGSTOP)
            assert eventually(lambda: state(busy.pid) != "R")
            os.kill(busy.pid, signal.SIGCONT)
            assert eventually(lambda: state(busy.pid) == "R")
        finally:
            busy.kill()
    assert state(busy.pid) != "R"


def test_a_process_that_waits_for_something_else_does_not_run_whatever_its_name() -> None:
    name = "open('/proc/self/comm', 'w').write(') R')"
    with subprocess.Popen([sys.executable, "-c", f"{name}; input()"], stdin=subprocess.PIPE) as waiting:
        try:
            named = Path(f"/proc/{waiting.pid}/comm")
            assert eventually(lambda: named.read_text() == ") R\n" and state(waiting.pid) == "S")
        finally:
            waiting.kill()


def eventually(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + ENOUGH
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.001)
    return False
