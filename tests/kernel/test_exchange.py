"""Routers are exchanged on a real kernel: what stays loses nothing, what goes leaves nothing."""

import gc
import os
import threading
import time
from collections import Counter
from dataclasses import replace
from ipaddress import ip_address, ip_interface
from pathlib import Path

import pytest

from sidecar.core.actions import DropVips, HoldVips, PrioritizeSenders
from sidecar.core.events import InterfaceChanged, PacketReceived, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.params import RouterParams, Unicast
from tests.kernel.desk import HOLD, NEVER, ROUTER, VIP, Desk, desk
from tests.kernel.exchanging import numbered, numbers, settled, shown
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import PEERS, sender

pytestmark = pytest.mark.netns

SECOND = RouterParams("api", "v0", 60, 100, (ip_interface("10.77.0.101/32"),))
OTHER_VIP = ip_interface("10.77.0.102/32")
UNICAST = Unicast(ip_address("10.77.0.11"), (ip_address("10.77.0.12"),))
FOLLOWED = PrioritizeSenders("web", (PEERS[4],), 1, 0.0)


@pytest.mark.parametrize("followed", [False, True])
def test_no_advert_is_lost_or_doubled_while_routers_are_exchanged(followed: bool) -> None:
    sets = [
        (ROUTER, SECOND),
        (replace(ROUTER, addresses=(VIP, OTHER_VIP)),),
        (ROUTER, replace(SECOND, unicast=UNICAST)),
        (replace(ROUTER, priority=1, name="www"),),
        (
            replace(ROUTER, interval_cs=10),
            SECOND,
            replace(SECOND, name="more", vrid=61, addresses=(OTHER_VIP,)),
        ),
    ]
    count = 1500

    def work() -> None:
        with sender() as out, desk(ROUTER) as d:
            d.until(InterfaceChanged)
            if followed:
                d.network.perform(FOLLOWED)

            def stream() -> None:
                for number in range(1, count + 1):
                    out.send(numbered(number))
                    time.sleep(0.002)

            thread = threading.Thread(target=stream)
            thread.start()
            exchanges = 0
            while thread.is_alive():
                d.network.exchange(sets[exchanges % len(sets)])
                exchanges += 1
                d.said += d.hear()
                d.rest(0.01)
            thread.join()
            ends = time.monotonic() + 0.5
            while time.monotonic() < ends:
                d.said += d.hear()
                d.rest(0.01)
            heard = numbers([each for each in d.said if isinstance(each, PacketReceived)])
            assert exchanges > 50
            assert Counter(heard) == Counter(range(1, count + 1))
            assert not sum(d.unread.values())

    inside(work)


def test_a_new_vrid_is_heard_at_once_and_an_ended_one_no_more() -> None:
    def work() -> None:
        with sender() as out, desk(ROUTER) as d:
            d.until(InterfaceChanged)
            d.network.exchange((SECOND,))
            out.send(numbered(7, vrid=60), numbered(8, vrid=51))
            assert numbers([d.until(PacketReceived)], vrid=60) == [7]
            d.network.exchange((ROUTER, SECOND))
            out.send(numbered(9, vrid=51))
            assert numbers([d.until(PacketReceived, lambda p: bool(numbers([p])))]) == [9]

    inside(work)


def test_sockets_of_an_interface_that_stays_stay_and_others_come_and_go() -> None:
    def work() -> None:
        ip("address add 10.78.0.11/24 dev v1")
        elsewhere = replace(SECOND, interface="v1")
        with desk(ROUTER) as d:
            d.until(InterfaceChanged)
            kept = d.network._lan._listeners["v0", 4]
            files = {each.socket.fileno() for each in kept._others}
            d.network.exchange((ROUTER, elsewhere))
            changed = d.until(InterfaceChanged, lambda seen: seen.interface == "v1")
            assert changed.state is not None
            assert changed.state.addresses == (ip_address("10.78.0.11"),)
            assert d.network._lan._listeners["v0", 4] is kept
            assert {each.socket.fileno() for each in kept._others} == files
            assert ("v1", 4) in d.network._lan._listeners
            d.network.exchange((ROUTER,))
            assert list(d.network._lan._listeners) == [("v0", 4)]

    inside(work)


def test_the_group_is_joined_and_left_with_the_last_router_that_uses_it() -> None:
    def members() -> int:
        """How many sockets of this namespace are in the group on v0."""
        lines = Path("/proc/thread-self/net/igmp").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if "120000E0" in line), 0)

    def work() -> None:
        with desk(ROUTER) as d:
            d.until(InterfaceChanged)
            all_of_them = members()
            d.network.exchange((replace(ROUTER, unicast=UNICAST),))
            settled(d)
            # A sender that uses multicast where we do not must still be reported.
            assert 1 <= members() <= all_of_them
            with sender() as out:
                out.send(numbered(5))
                assert numbers([d.until(PacketReceived)]) == [5]
                d.network.exchange((ROUTER,))
                settled(d)
                assert members() == all_of_them
                out.send(numbered(6))
                assert numbers([d.until(PacketReceived, lambda p: numbers([p]) == [6])]) == [6]

    inside(work)


def test_vips_that_go_are_removed_and_those_that_stay_are_not_touched() -> None:
    both = replace(ROUTER, addresses=(VIP, OTHER_VIP))

    def work() -> None:
        with desk(both) as d:
            assert d.hold(replace(HOLD, vips=(VIP, OTHER_VIP), lease=30)).error is None
            d.network.exchange((ROUTER,))
            settled(d)
            assert d.until(VipsObserved, lambda seen: seen.owned == {VIP}).owned
            assert "10.77.0.102" not in shown("v0")
            assert "10.77.0.100/32" in shown("v0")
            d.network.exchange((both,))
            assert d.hold(replace(HOLD, vips=(VIP, OTHER_VIP), lease=30)).error is None
            assert "10.77.0.102/32" in shown("v0")
            d.network.exchange((replace(both, name="www"),))
            settled(d)
            assert d.until(VipsObserved, lambda seen: seen.router == "www").owned == {VIP, OTHER_VIP}
            # A router that ends without having given up its VIP leaves none all the same.
            d.network.exchange((SECOND,))
            settled(d)
            assert "10.77.0.10" not in shown("v0").replace("10.77.0.11/", "")
            assert d.troubles == []

    inside(work)


def test_a_command_of_a_router_that_is_gone_is_answered_and_changes_nothing() -> None:
    def work() -> None:
        with desk(ROUTER) as d:
            d.until(InterfaceChanged)
            d.network.exchange((SECOND,))
            held = d.hold(HOLD)
            assert held.error == "there is no router web any more"
            assert d.drop().error is None
            d.network.perform(FOLLOWED)
            assert "10.77.0.100" not in shown("v0")
            assert d.hold(HoldVips("api", "v0", SECOND.addresses, 30, not_after=NEVER)).error is None
            assert "10.77.0.101/32" in shown("v0")
            assert d.drop(DropVips("api", "v0", SECOND.addresses)).error is None

    inside(work)


def test_what_was_asked_before_is_carried_out_before() -> None:
    def work() -> None:
        with desk(ROUTER) as d:
            d.until(InterfaceChanged)
            d.network.perform(replace(HOLD, lease=30))
            d.network.exchange((replace(ROUTER, addresses=(OTHER_VIP,)),))
            d.network.perform(HoldVips("web", "v0", (OTHER_VIP,), 30, not_after=NEVER))
            assert d.until(VipsHeld).error is None
            assert d.until(VipsHeld).error is None
            settled(d)
            assert "10.77.0.100" not in shown("v0")
            assert "10.77.0.102/32" in shown("v0")

    inside(work)


def test_the_interface_of_a_virtual_mac_is_made_and_removed() -> None:
    mac = replace(ROUTER, virtual_mac=True)
    hold = HoldVips("web", "vrrp4-51", (VIP,), 30, not_after=NEVER)

    def work() -> None:
        with desk(ROUTER) as d:
            d.until(InterfaceChanged)
            d.network.exchange((mac,))
            assert d.hold(hold).error is None
            assert "10.77.0.100/32" in shown("vrrp4-51")
            # Another VIP: the guard of the interface below is for both from now on.
            more = replace(mac, addresses=(VIP, OTHER_VIP))
            d.network.exchange((more,))
            assert d.hold(replace(hold, vips=(VIP, OTHER_VIP))).error is None
            assert d.network._virtual_macs._guards["web"][1] == (VIP, OTHER_VIP)
            assert len(d.network._virtual_macs._guards) == 1
            d.network.exchange((ROUTER,))
            settled(d)
            assert shown("vrrp4-51") == ""
            assert d.network._virtual_macs._guards == {}
            assert d.hold(HOLD).error is None
            assert [each for each in d.troubles if each[0] != "virtual_mac"] == []

    inside(work)


def test_a_router_that_accepts_nothing_has_one_filter_for_what_it_has_now() -> None:
    closed = replace(ROUTER, accept=False)
    hold = replace(HOLD, accept=False, lease=30)

    def filters(d: Desk) -> list[tuple[object, ...]]:
        mode = d.network._addresses._accept_mode
        return [] if mode is None else list(mode._filters)

    def work() -> None:
        with desk(closed) as d:
            assert d.hold(hold).error is None
            both = replace(closed, addresses=(VIP, OTHER_VIP))
            d.network.exchange((both,))
            assert d.hold(replace(hold, vips=(VIP, OTHER_VIP))).error is None
            assert filters(d) == [("web", "v0", (VIP, OTHER_VIP))]
            d.network.exchange((replace(both, name="www"),))
            settled(d)
            assert filters(d) == [("www", "v0", (VIP, OTHER_VIP))]
            d.network.exchange((SECOND,))
            settled(d)
            assert filters(d) == []

    inside(work)


def test_200_exchanges_leave_no_descriptor_thread_or_address_behind() -> None:
    elsewhere = replace(SECOND, interface="v1", name="far", addresses=(ip_interface("10.78.0.101/32"),))
    sets = [
        (SECOND,),
        (ROUTER, elsewhere),
        (replace(ROUTER, unicast=UNICAST), SECOND),
        (replace(ROUTER, addresses=(VIP, OTHER_VIP)),),
    ]

    def work() -> None:
        ip("address add 10.78.0.11/24 dev v1")
        with desk(ROUTER) as d:

            def measured() -> tuple[int, int, str]:
                d.network.exchange((ROUTER,))
                settled(d)
                gc.collect()
                # An address of IPv6 is tentative for a second or two, however quick the exchanges are.
                there = shown("v0").replace(" tentative", "")
                return len(os.listdir("/proc/self/fd")), threading.active_count(), there  # noqa: PTH208

            def many(count: int) -> None:
                for index in range(count):
                    d.network.exchange(sets[index % len(sets)])
                    if index % 3 == 0:
                        d.said += d.hear()

            # Parts that begin with their first use have begun.
            many(20)
            before = measured()
            many(200)
            assert measured() == before
            assert not [each for each in d.said if isinstance(each, VipsDropped)]
            assert d.troubles == []

    inside(work)
