"""Events left for the protocol loop are heard before the loop waits for anything.

Modules: clock.
"""

from collections.abc import Iterator

import pytest

from sidecar.clock import clock
from sidecar.core.events import Started
from sidecar.event_loop import EventLoop
from sidecar.inbox import CAPACITY, Inbox


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


def test_a_wake_between_two_turns_is_something_to_hear(loop: EventLoop) -> None:
    """A command may read what is to be heard: while the queues of senders change, a resignation arrives."""
    inbox = Inbox(loop)
    assert not inbox.waiting
    inbox.wake()
    assert inbox.waiting
    assert inbox.take_woken()
    assert not inbox.waiting
    assert not inbox.take_woken()


def test_an_event_waits_until_it_is_taken(loop: EventLoop) -> None:
    inbox = Inbox(loop)
    inbox.post(Started())
    assert inbox.waiting
    assert inbox.take_woken()
    assert inbox.waiting
    assert inbox.empty() == [Started()]
    assert not inbox.waiting


def test_what_a_thread_leaves_ends_the_wait_of_the_loop(loop: EventLoop) -> None:
    inbox = Inbox(loop)
    inbox.post_from_thread(Started())
    began = clock()
    loop.turn(began + 60)
    assert inbox.waiting


def test_beyond_its_capacity_events_are_refused_and_counted(loop: EventLoop) -> None:
    inbox = Inbox(loop)
    for _ in range(CAPACITY + 3):
        inbox.post(Started())
    assert inbox.refused == 3
    assert len(inbox.empty()) == CAPACITY
