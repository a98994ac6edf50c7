"""The view of the kernel while more changes than can be read, and while it knows that it missed something."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from sidecar.core.events import InterfaceChanged, VipsHeld, VipsObserved
from sidecar.net import kernel_view
from sidecar.net.addresses import Addresses
from sidecar.net.kernel_picture import Concerns, Holds
from sidecar.net.kernel_view import SLICE, KernelView
from sidecar.net.virtual_macs import VirtualMacs
from tests.kernel.desk import DROP, HOLD, ROUTER, VIP, desk
from tests.kernel.own_namespace import inside, ip, ip_batch

pytestmark = pytest.mark.netns

LONG = replace(HOLD, lease=60)
"""A lease that is not over before a slow machine has done all that a test wants."""
STORM = [f"10.80.{n // 250}.{n % 250 + 1}/32 dev v1\n" for n in range(4000)]
"""More than the socket can keep, if nobody reads it."""


def storm() -> None:
    """Have notifications lost."""
    ip_batch([f"address {verb} {each}" for verb in ("add", "del") for each in STORM])


@asynccontextmanager
async def unwatched() -> AsyncIterator[tuple[KernelView, Addresses]]:
    """A view that nobody makes whole again, and what changes addresses by it."""
    view = KernelView(Concerns.of([ROUTER]))
    virtual_macs = VirtualMacs([ROUTER], view)
    addresses = Addresses([ROUTER], view, virtual_macs, time.monotonic, lambda *_: None)
    try:
        await view.settle()
        yield view, addresses
    finally:
        addresses.close()
        virtual_macs.close()
        view.close()


async def held(addresses: Addresses) -> str | None:
    """Ask for the VIP; return what was wrong."""
    answer = await addresses.hold(LONG)
    assert isinstance(answer, VipsHeld)
    return answer.error


def overwhelm(view: KernelView) -> None:
    """Have notifications lost, and the view know it."""
    storm()
    while not view.stale:
        view.catch_up()
    assert view.take_overflow()


def test_a_burst_is_read_a_slice_at_a_time_and_told_when_all_of_it_was_read() -> None:
    amount = 4 * SLICE

    async def work() -> None:
        async with desk() as d:
            await d.until(InterfaceChanged)
            ip_batch([f"address add {each}" for each in STORM[:amount]])
            ip("address del 10.77.0.11/24 dev v0")
            turns = 0
            while not (events := d.network.hear()):
                turns += 1
            assert turns >= amount // SLICE
            assert [event.interface for event in events if isinstance(event, InterfaceChanged)] == ["v0"]
            assert d.troubles == []

    inside(work())


def test_what_concerns_nobody_here_is_not_kept() -> None:
    async def work() -> None:
        async with unwatched() as (view, _):
            before = view.generation
            ip_batch([f"address add {each}" for each in STORM[:500]])
            await view.settle()
            assert view.generation == before
            link = view.link("v1")
            assert link is not None
            assert not link.addresses

    inside(work())


def test_without_knowing_all_vips_are_held_renewed_and_removed() -> None:
    """Also where the notification of our own addition is among those that were lost."""

    async def work() -> None:
        async with unwatched() as (view, addresses):
            assert await held(addresses) is None
            overwhelm(view)
            assert view.holds("v0", [VIP]).owned == frozenset()
            assert await held(addresses) is None
            assert view.holds("v0", [VIP]).owned == {VIP}
            assert await held(addresses) is None
            assert (await addresses.drop(DROP)).error is None
            await view.settle()
            assert view.holds("v0", [VIP]).owned == frozenset()

    inside(work())


def test_a_renewal_asks_for_nothing_and_a_removal_for_one_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = kernel_view._addresses_of_one

    def note(index: int, attempts: int) -> list[bytes]:
        asked.append(index)
        return ask(index, attempts)

    async def work() -> None:
        async with unwatched() as (view, addresses):
            monkeypatch.setattr(kernel_view, "_addresses_of_one", note)
            assert await held(addresses) is None
            await view.settle()
            overwhelm(view)
            assert await held(addresses) is None
            assert asked == []
            assert (await addresses.drop(DROP)).error is None
            assert asked == [view.index("v0")]
            assert view.stale

    inside(work())


def test_without_knowing_all_an_address_of_somebody_else_is_left_alone() -> None:
    async def work() -> None:
        async with unwatched() as (view, addresses):
            assert await held(addresses) is None
            await view.settle()
            ip("address del 10.77.0.100/32 dev v0")
            ip("address add 10.77.0.100/32 dev v0")
            overwhelm(view)
            assert view.holds("v0", [VIP]).owned == {VIP}
            assert (await addresses.drop(DROP)).error is None
            assert "somebody else" in str(await held(addresses))
            await view.settle()
            assert view.holds("v0", [VIP]).foreign == {("v0", VIP)}

    inside(work())


def test_everything_is_read_anew_once_in_a_while_also_while_a_lease_is_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecar.net.network.AUDIT", 0.3)

    async def work() -> None:
        async with desk() as d:
            await d.hold()
            await d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            before, ends = d.network._view.generation, time.monotonic() + 1.5
            while time.monotonic() < ends:
                assert (await d.hold()).error is None
                await asyncio.sleep(0.1)
            assert d.network._view.generation >= before + 3
            assert not [event for event in d.said if isinstance(event, VipsObserved)]

    inside(work())


def test_an_interface_that_gets_the_name_later_comes_with_all_its_addresses() -> None:
    async def work() -> None:
        ip("address add 10.9.9.1/24 dev v1")
        async with desk() as d:
            await d.until(InterfaceChanged)
            for command in ("v0 down", "v0 name old", "v1 down", "v1 name v0", "v0 up"):
                ip(f"link set {command}")
            state = (
                await d.until(
                    InterfaceChanged,
                    lambda seen: seen.state is not None and "10.9.9.1" in map(str, seen.state.addresses),
                )
            ).state
            assert state is not None
            assert state.index == d.network._view.index("v0")

    inside(work())


def test_an_old_answer_about_one_interface_does_not_replace_what_is_known_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = threading.Event(), threading.Event()
    ask = kernel_view._addresses_of

    def late(indexes: Iterable[int]) -> dict[int, list[bytes]]:
        told = ask(indexes)
        asked.set()
        assert answered.wait(10)
        return told

    async def work() -> None:
        async with unwatched() as (view, _):
            overwhelm(view)
            monkeypatch.setattr(kernel_view, "_addresses_of", late)
            asking = asyncio.create_task(view.holds_now("v0", [VIP]))
            await asyncio.to_thread(asked.wait, 10)
            await view.settle()
            ip("address add 10.77.0.33/24 dev v0")
            await view.settle()
            answered.set()
            await asking
            link = view.link("v0")
            assert link is not None
            assert "10.77.0.33/24" in [str(held.interface) for held in link.addresses.values()]

    inside(work())


def test_an_interface_that_has_gone_has_no_addresses() -> None:
    async def work() -> None:
        ip("link add gone type veth peer name gone-too")
        async with unwatched() as (view, _):
            ip("address add 10.77.0.100/32 dev gone")
            view.catch_up()
            assert view.holds("v0", [VIP]).foreign
            overwhelm(view)
            ip("link del gone")
            assert await view.holds_now("v0", [VIP]) == Holds()

    inside(work())
