"""Requests for addresses before they get to the kernel: none of these is sent, for each comes too late."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.core.address import Vip
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.writer import AddressWriter, Lease, TooLateError
from sidecar.net.task import Task, complete
from sidecar.net.worker import Worker

MANY = tuple(ip_interface(f"10.77.1.{n}/32") for n in range(1, 255))
NO_INTERFACE = 0x7FFFFFFF


@contextmanager
def writing(loop: EventLoop, clock: Callable[[], float]) -> Iterator[AddressWriter]:
    worker = Worker("test", loop)
    writer = AddressWriter(clock, loop, worker, lambda: True, lambda _: None)
    try:
        yield writer
    finally:
        writer.close()
        worker.close(wait=True)


def lease(record: int) -> Lease:
    return Lease(NO_INTERFACE, MANY, frozenset(), 1, 0, record)


def test_the_time_that_it_takes_to_make_a_request_counts() -> None:
    now = [0.0]

    class Slow(tuple[Vip, ...]):
        __slots__ = ()

        def __iter__(self) -> Iterator[Vip]:
            now[0] = 1.0
            return super().__iter__()

    with closing(EventLoop()) as loop, writing(loop, lambda: now[0]) as writer:
        with pytest.raises(TooLateError):
            complete(loop, writer.hold(replace(lease(1), vips=Slow(MANY)), 0.5), 10)
        assert now == [1.0]


def test_each_write_is_answered_by_itself() -> None:
    """Four routers of 254 VIPs are two writes. The second one has to wait; the first two routers go on."""
    go, asked = threading.Event(), list[int]()

    def clock() -> float:
        asked.append(1)
        if len(asked) > 1:
            assert go.wait(20)
        return 1.0

    with closing(EventLoop()) as loop, writing(loop, clock) as writer:
        answered: list[int] = []

        async def ask(number: int) -> None:
            with pytest.raises(TooLateError):
                await writer.hold(lease(number), 0.5)
            answered.append(number)

        for number in range(4):
            Task(ask(number), lambda _: None).start()
        ends = loop.clock() + 10
        while len(answered) < 2 and loop.clock() < ends:
            loop.turn(ends)
        before = answered.copy()
        go.set()
        while len(answered) < 4 and loop.clock() < ends:
            loop.turn(ends)
        assert (before, answered) == ([0, 1], [0, 1, 2, 3])
