"""The view of the kernel while more changes than can be read, and while it knows that it missed something."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from sidecar.core.events import InterfaceChanged, VipsHeld, VipsObserved
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.vips import Addresses
from sidecar.net.kernel import reader as kernel_reader
from sidecar.net.kernel import view as kernel_view
from sidecar.net.kernel.picture import Concerns, Holds
from sidecar.net.kernel.view import SLICE, KernelView
from sidecar.net.macvlan.virtual_macs import VirtualMacs
from sidecar.net.task import Task, complete, complete_all
from sidecar.net.workers import Workers
from tests.kernel.desk import DROP, HOLD, ROUTER, VIP, desk
from tests.kernel.own_namespace import inside, ip, ip_batch
from tests.netns.lab import wait_until

pytestmark = pytest.mark.netns

LONG = replace(HOLD, lease=60)
"""A lease that is not over before a slow machine has done all that a test wants."""
STORM = [f"10.80.{n // 250}.{n % 250 + 1}/32 dev v1\n" for n in range(4000)]
"""More than the socket can keep, if nobody reads it."""


def storm() -> None:
    """Have notifications lost."""
    ip_batch([f"address {verb} {each}" for verb in ("add", "del") for each in STORM])


@dataclass(frozen=True)
class Unwatched:
    """A view that nobody makes whole again, and what changes addresses by it."""

    loop: EventLoop
    view: KernelView
    addresses: Addresses

    def settle(self) -> None:
        """Have the view read until it is current."""
        complete(self.loop, self.view.settle())

    def hold(self) -> str | None:
        """Ask for the VIP; return what was wrong."""
        answer = complete(self.loop, self.addresses.hold(LONG))
        assert isinstance(answer, VipsHeld)
        return answer.error

    def drop(self) -> str | None:
        """Have the VIP removed; return what was wrong."""
        return complete(self.loop, self.addresses.drop(DROP)).error


@contextmanager
def unwatched() -> Iterator[Unwatched]:
    """A view that has read everything once."""
    loop = EventLoop()
    workers = Workers(loop)
    view = KernelView(Concerns.of([ROUTER]), loop, workers)
    virtual_macs = VirtualMacs([ROUTER], view, workers, lambda *_: None)
    addresses = Addresses(
        [ROUTER], view, virtual_macs, loop, workers, time.monotonic, lambda *_: None, lambda: True
    )
    u = Unwatched(loop, view, addresses)
    try:
        u.settle()
        yield u
    finally:
        addresses.close()
        virtual_macs.close()
        view.close()
        workers.close()
        loop.close()


def overwhelm(view: KernelView) -> None:
    """Have notifications lost, and the view know it."""
    storm()
    while not view.stale:
        view.catch_up()
    assert view.take_overflow()


def test_a_burst_is_read_a_slice_at_a_time_and_told_when_all_of_it_was_read() -> None:
    amount = 4 * SLICE

    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            ip_batch([f"address add {each}" for each in STORM[:amount]])
            ip("address del 10.77.0.11/24 dev v0")
            turns = 0
            while not (events := d.hear()):
                turns += 1
            assert turns >= amount // SLICE
            assert [event.interface for event in events if isinstance(event, InterfaceChanged)] == ["v0"]
            assert d.troubles == []

    inside(work)


def _has_carrier(u: Unwatched) -> bool:
    """Whether the kernel has told of the carrier of our interface, which a work queue of its own does."""
    u.settle()
    link = u.view.link("v0")
    return link is not None and link.up


def test_what_concerns_nobody_here_is_not_kept() -> None:
    def work() -> None:
        with unwatched() as u:
            view = u.view
            wait_until(lambda: _has_carrier(u), 5, "v0 has a carrier")
            before = view.generation
            ip_batch([f"address add {each}" for each in STORM[:500]])
            u.settle()
            assert view.generation == before
            link = view.link("v1")
            assert link is not None
            assert not link.addresses

    inside(work)


def test_commands_that_read_an_interface_at_the_same_moment_do_not_make_each_other_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, readings = 16, list[int]()

    def counted(indexes: Iterable[int]) -> dict[int, list[bytes]]:
        readings.append(1)
        return kernel_reader.addresses_of(indexes)

    def work() -> None:
        monkeypatch.setattr(kernel_view, "addresses_of", counted)
        with unwatched() as u:
            u.view.exchange(Concerns.of([replace(ROUTER, interface="v1")]))
            assert u.view.stale
            complete_all(u.loop, [u.view.holds_now("v0", [VIP]) for _ in range(number)])
            # An address of IPv6 may have become ready meanwhile, which is a change.
            assert len(readings) <= 3 * number

    inside(work)


def test_without_knowing_all_vips_are_held_renewed_and_removed() -> None:
    """Also where the notification of our own addition is among those that were lost."""

    def work() -> None:
        with unwatched() as u:
            view = u.view
            assert u.hold() is None
            overwhelm(view)
            assert view.holds("v0", [VIP]).owned == frozenset()
            assert u.hold() is None
            assert view.holds("v0", [VIP]).owned == {VIP}
            assert u.hold() is None
            assert u.drop() is None
            u.settle()
            assert view.holds("v0", [VIP]).owned == frozenset()

    inside(work)


def test_a_renewal_asks_for_nothing_and_a_removal_for_one_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = kernel_reader._addresses_of_one

    def note(index: int, attempts: int) -> list[bytes]:
        asked.append(index)
        return ask(index, attempts)

    def work() -> None:
        with unwatched() as u:
            view = u.view
            monkeypatch.setattr(kernel_reader, "_addresses_of_one", note)
            assert u.hold() is None
            u.settle()
            overwhelm(view)
            assert u.hold() is None
            assert asked == []
            assert u.drop() is None
            assert asked == [view.index("v0")]
            assert view.stale

    inside(work)


def test_without_knowing_all_an_address_of_somebody_else_is_left_alone() -> None:
    def work() -> None:
        with unwatched() as u:
            view = u.view
            assert u.hold() is None
            u.settle()
            ip("address del 10.77.0.100/32 dev v0")
            ip("address add 10.77.0.100/32 dev v0")
            overwhelm(view)
            assert view.holds("v0", [VIP]).owned == {VIP}
            assert u.drop() is None
            assert "somebody else" in str(u.hold())
            u.settle()
            assert view.holds("v0", [VIP]).foreign == {("v0", VIP, "")}

    inside(work)


def test_everything_is_read_anew_once_in_a_while_also_while_a_lease_is_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecar.net.kernel.upkeep.AUDIT", 0.3)

    def work() -> None:
        with desk() as d:
            d.hold(LONG)
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            before, ends = d.network._view.generation, time.monotonic() + 15
            while d.network._view.generation < before + 3:
                assert time.monotonic() < ends
                assert d.hold(LONG).error is None
                d.rest(0.1)
            assert not [event for event in d.said if isinstance(event, VipsObserved)]

    inside(work)


def test_an_interface_that_gets_the_name_later_comes_with_all_its_addresses() -> None:
    def work() -> None:
        ip("address add 10.9.9.1/24 dev v1")
        with desk() as d:
            d.until(InterfaceChanged)
            for command in ("v0 down", "v0 name old", "v1 down", "v1 name v0", "v0 up"):
                ip(f"link set {command}")
            state = (
                d.until(
                    InterfaceChanged,
                    lambda seen: seen.state is not None and "10.9.9.1" in map(str, seen.state.addresses),
                )
            ).state
            assert state is not None
            assert state.index == d.network._view.index("v0")

    inside(work)


def test_an_old_answer_about_one_interface_does_not_replace_what_is_known_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = threading.Event(), threading.Event()
    ask = kernel_reader.addresses_of

    def late(indexes: Iterable[int]) -> dict[int, list[bytes]]:
        told = ask(indexes)
        asked.set()
        assert answered.wait(10)
        return told

    def work() -> None:
        with unwatched() as u:
            view = u.view
            overwhelm(view)
            monkeypatch.setattr(kernel_view, "addresses_of", late)
            asking = Task(view.holds_now("v0", [VIP]), lambda _: None)
            asking.start()
            assert asked.wait(10)
            u.settle()
            ip("address add 10.77.0.33/24 dev v0")
            u.settle()
            answered.set()
            while not asking.done:
                u.loop.turn(time.monotonic() + 1)
            link = view.link("v0")
            assert link is not None
            assert "10.77.0.33/24" in [str(held.interface) for held in link.addresses.values()]

    inside(work)


def test_an_interface_that_has_gone_has_no_addresses() -> None:
    def work() -> None:
        ip("link add gone type veth peer name gone-too")
        with unwatched() as u:
            view = u.view
            ip("address add 10.77.0.100/32 dev gone")
            view.catch_up()
            assert view.holds("v0", [VIP]).foreign
            overwhelm(view)
            ip("link del gone")
            assert complete(u.loop, view.holds_now("v0", [VIP])) == Holds()

    inside(work)
