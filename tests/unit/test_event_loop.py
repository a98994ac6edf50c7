"""The event loop of the router: real descriptors, real threads, the real clock."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from math import inf

import pytest

from sidecar.event_loop import WRITABLE, EventLoop


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    with closing(EventLoop()) as loop:
        yield loop


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with closing(one), closing(two):
        one.setblocking(False)
        yield one, two


def test_a_turn_ends_with_the_first_descriptor_that_can_be_read(
    loop: EventLoop, ends: tuple[socket.socket, socket.socket]
) -> None:
    here, there = ends
    heard: list[bytes] = []
    loop.watch(here.fileno(), lambda: heard.append(here.recv(100)))
    there.send(b"first")
    loop.turn(inf)
    there.send(b"second")
    loop.turn(inf)
    assert heard == [b"first", b"second"]


def test_what_is_left_in_a_descriptor_is_served_in_the_next_turn(
    loop: EventLoop, ends: tuple[socket.socket, socket.socket]
) -> None:
    here, there = ends
    heard: list[bytes] = []
    loop.watch(here.fileno(), lambda: heard.append(here.recv(1)))
    there.send(b"ab")
    loop.turn(inf)
    assert heard == [b"a"]
    loop.turn(inf)
    assert heard == [b"a", b"b"]


def test_what_is_forgotten_is_not_served_also_within_a_turn(loop: EventLoop) -> None:
    """Either of two that are ready forgets the other one."""
    readers = [os.eventfd(1, os.EFD_NONBLOCK) for _ in range(2)]
    served: list[int] = []

    def serve(number: int) -> None:
        served.append(number)
        loop.forget(readers[1 - number])

    for number, reader in enumerate(readers):
        loop.watch(reader, partial(serve, number))
    loop.turn(-inf)
    loop.turn(-inf)
    assert len(served) == 2
    assert len(set(served)) == 1
    for reader in readers:
        loop.forget(reader)
        os.close(reader)


def test_a_descriptor_is_watched_for_what_was_said_last(
    loop: EventLoop, ends: tuple[socket.socket, socket.socket]
) -> None:
    here, _ = ends
    served: list[str] = []
    loop.watch(here.fileno(), lambda: served.append("readable"))
    loop.turn(-inf)
    loop.watch(here.fileno(), lambda: served.append("writable"), WRITABLE)
    loop.turn(-inf)
    assert served == ["writable"]


def test_a_turn_ends_at_its_time_and_not_before(loop: EventLoop) -> None:
    for _ in range(50):
        until = loop.clock() + 0.0007
        loop.turn(until)
        assert loop.clock() >= until


@pytest.mark.timing
def test_a_turn_is_late_by_less_than_a_millisecond_in_the_median(loop: EventLoop) -> None:
    late = []
    for _ in range(101):
        until = loop.clock() + 0.0033
        loop.turn(until)
        late.append(loop.clock() - until)
    assert sorted(late)[50] < 0.001


def test_the_same_time_again_is_a_time(loop: EventLoop) -> None:
    """The timer has ended once at it, and is not believed to be set still."""
    until = loop.clock() + 0.01
    loop.turn(until)
    called: list[int] = []
    loop.call_at(until, lambda: called.append(1))
    loop.turn(inf)
    assert called == [1]


def test_timers_are_served_in_their_order_and_cancelled_ones_not_at_all(loop: EventLoop) -> None:
    called: list[str] = []
    now = loop.clock()
    for name, when in (("second", 0.02), ("never", 0.015), ("first", 0.01), ("third", 0.02)):
        timer = loop.call_at(now + when, partial(called.append, name))
        if name == "never":
            timer.cancel()
    while len(called) < 3:
        loop.turn(inf)
    assert called == ["first", "second", "third"]
    assert loop.clock() >= now + 0.02


def test_what_arrived_before_a_time_is_served_before_it(
    loop: EventLoop, ends: tuple[socket.socket, socket.socket]
) -> None:
    """A process that slept over both: the advert is heard before its master counts as gone."""
    here, there = ends
    order: list[str] = []
    loop.watch(here.fileno(), lambda: order.append(here.recv(100).decode()))
    loop.call_at(loop.clock() + 0.001, lambda: order.append("timer"))
    there.send(b"packet")
    while len(order) < 2:
        loop.turn(inf)
    assert order == ["packet", "timer"]


def test_what_arrives_while_others_are_served_is_served_before_the_time(loop: EventLoop) -> None:
    first, second = (os.eventfd(0, os.EFD_NONBLOCK) for _ in range(2))
    order: list[str] = []

    def serve_first() -> None:
        os.eventfd_read(first)
        order.append("first")
        os.eventfd_write(second, 1)
        while loop.clock() < due:
            pass

    def serve_second() -> None:
        os.eventfd_read(second)
        order.append("second")

    loop.watch(first, serve_first)
    loop.watch(second, serve_second)
    due = loop.clock() + 0.005
    loop.call_at(due, lambda: order.append("timer"))
    os.eventfd_write(first, 1)
    loop.turn(inf)
    assert order == ["first", "second", "timer"]
    os.close(first)
    os.close(second)


def test_a_call_from_another_thread_ends_the_wait_and_is_made_in_this_one(loop: EventLoop) -> None:
    made_in: list[int] = []

    def call() -> None:
        loop.call_soon(lambda: made_in.append(threading.get_ident()))

    thread = threading.Timer(0.02, call)
    thread.start()
    while not made_in:
        loop.turn(inf)
    thread.join()
    assert made_in == [threading.get_ident()]


def test_no_call_of_many_threads_is_lost(loop: EventLoop) -> None:
    made: list[int] = []

    def call() -> None:
        for _ in range(500):
            loop.call_soon(lambda: made.append(1))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(made) < 2000:
        loop.turn(loop.clock() + 5)
    for thread in threads:
        thread.join()
    assert len(made) == 2000


def test_a_call_that_was_asked_for_in_a_call_comes_in_the_next_turn(loop: EventLoop) -> None:
    made: list[int] = []
    loop.call_soon(lambda: loop.call_soon(lambda: made.append(1)))
    loop.turn(inf)
    assert made == []
    loop.turn(inf)
    assert made == [1]


def test_an_unhurried_call_wakes_nobody_and_comes_before_the_timers(loop: EventLoop) -> None:
    made: list[str] = []
    soon = loop.clock() + 0.1
    loop.call_at(soon, lambda: made.append(f"timer {loop.clock() >= soon}"))
    thread = threading.Timer(
        0.02, loop.call_unhurried, (lambda: made.append(f"call {loop.clock() >= soon}"),)
    )
    thread.start()
    loop.turn(inf)
    thread.join()
    assert made == ["call True", "timer True"]


def test_a_closed_loop_is_called_in_vain() -> None:
    loop = EventLoop()
    loop.close()
    loop.call_soon(lambda: pytest.fail("called"))


def test_an_error_of_a_callback_comes_out_of_the_turn(loop: EventLoop) -> None:
    def broken() -> None:
        raise ValueError("planted")

    loop.call_soon(broken)
    with pytest.raises(ValueError, match="planted"):
        loop.turn(inf)


def test_after_an_error_the_loop_goes_on_with_everything_else(
    loop: EventLoop, ends: tuple[socket.socket, socket.socket]
) -> None:
    """Leaving after a crash needs it once more, to remove the VIPs."""

    def broken() -> None:
        raise ValueError("planted")

    called: list[str] = []
    here, there = ends
    loop.watch(here.fileno(), broken)
    there.send(b"never read")
    with pytest.raises(ValueError, match="planted"):
        loop.turn(inf)
    loop.call_at(loop.clock(), broken)
    with pytest.raises(ValueError, match="planted"):
        loop.turn(inf)
    loop.call_soon(broken)
    loop.call_soon(lambda: called.append("first"))
    loop.call_soon(lambda: called.append("second"))
    with pytest.raises(ValueError, match="planted"):
        loop.turn(inf)
    loop.turn(inf)
    assert called == ["first", "second"]


def test_only_another_thread_has_to_wake_the_loop(loop: EventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call from the loop's own thread costs no system call, and is not waited for either."""
    rung: list[int] = []
    write = os.eventfd_write

    def ring(descriptor: int, value: int) -> None:
        rung.append(value)
        write(descriptor, value)

    monkeypatch.setattr("sidecar.event_loop.os.eventfd_write", ring)
    made: list[str] = []
    loop.turn(-inf)
    loop.call_soon(lambda: made.append("own"))
    assert not rung
    loop.turn(inf)
    thread = threading.Thread(target=loop.call_soon, args=(lambda: made.append("other"),))
    thread.start()
    thread.join()
    assert rung == [1]
    loop.turn(inf)
    assert made == ["own", "other"]
