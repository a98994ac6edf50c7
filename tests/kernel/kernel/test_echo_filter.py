"""Our own renewals are not told to us, and everything else about an address is."""

import socket
from dataclasses import replace

import pytest

from sidecar.core.events import VipsObserved
from sidecar.net.addresses.writer import Lease
from sidecar.net.kernel.view import KernelView
from sidecar.net.task import complete
from tests.kernel.desk import HOLD, VIP, Desk, desk
from tests.kernel.own_namespace import inside, ip

pytestmark = pytest.mark.netns

_IPV4_ADDRESSES = 0x10
_HEADER = 16
"""Bytes of a message before its family."""


def told(notifications: socket.socket) -> int:
    """Read all that has been queued; return how many messages were about addresses of IPv4.

    Those of IPv6 come by themselves: the kernel tells when it has found no duplicate of one.
    """
    number = 0
    while True:
        try:
            message = notifications.recv(1 << 16)
        except BlockingIOError:
            return number
        number += message[_HEADER] == socket.AF_INET


def everybody() -> socket.socket:
    """A socket that hears what any program hears."""
    hears = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    hears.bind((0, _IPV4_ADDRESSES))
    return hears


def held(d: Desk) -> KernelView:
    """Have the VIP held, and everything about that heard; from now on nobody reads what the view is told."""
    assert d.hold(replace(HOLD, lease=30)).error is None
    d.until(VipsObserved, lambda seen: VIP in seen.owned)
    d.loop.forget(d.network._view._socket.fileno())  # what is told stays where it can be counted
    told(d.network._view._socket)
    return d.network._view


def renew(d: Desk, view: KernelView) -> None:
    index = view.index("v0")
    assert index is not None
    lease = Lease(index, HOLD.vips, frozenset(HOLD.vips), 30, 254)
    writer = d.network._addresses._writer
    renewed = writer._worker.run(lambda: writer._requests.ask(writer._messages(lease)))

    async def ask() -> list[int]:
        return await renewed

    assert complete(d.loop, ask()) == [0]


def test_a_renewal_is_told_to_everybody_but_us() -> None:
    def work() -> None:
        with desk() as d, everybody() as others:
            view = held(d)
            d.rest(0.02)  # the clock of the kernel counts hundredths: created and changed must differ
            told(others)
            for _ in range(3):
                renew(d, view)
            assert told(others) == 3
            assert told(view._socket) == 0
            assert view.holds("v0", HOLD.vips).owned == {VIP}

    inside(work)


def test_what_others_do_is_told_and_what_a_renewal_adds_again() -> None:
    def work() -> None:
        with desk() as d:
            view = held(d)
            d.rest(0.02)
            ip("address add 10.77.0.99/24 dev v0")
            assert told(view._socket) == 1
            ip(f"address del {VIP.ip}/32 dev v0")
            renew(d, view)  # it is not known yet that the VIP is gone
            view.catch_up()
            assert view.current
            assert view.holds("v0", HOLD.vips).owned == {VIP}

    inside(work)
