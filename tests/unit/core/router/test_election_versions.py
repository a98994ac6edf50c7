"""The same election in every version and family: what differs is timed, admitted and sent differently."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface
from typing import Any

import pytest

from sidecar.core.actions import Action, Announce, Identify, PacketDropped, SendAdvert, Warned
from sidecar.core.events import (
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    SenderIdentified,
    SendTried,
    Started,
    StopRequested,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams, Unicast
from sidecar.core.router.lease import Lease
from sidecar.core.state import State
from sidecar.core.wire.advert import GROUP_V4, Advert, decode, encode
from sidecar.core.wire.constants import GROUPS
from tests.unit.core.stage import MAC, PEER, US, VIP, backup, heard, master, moves, router, state

VIP6 = IPv6Interface("2001:db8::100/128")
LINK_LOCAL_VIP = IPv6Interface("fe80::100/128")
US6 = IPv6Address("fe80::11")
GLOBAL6 = IPv6Address("2001:db8::11")
PEER6 = IPv6Address("fe80::12")


def old(priority: int, seconds: int = 1, password: bytes | None = None) -> PacketReceived:
    """An advertisement of version 2."""
    advert = Advert(51, priority, seconds * 100, (VIP.ip,), 2, password)
    return PacketReceived("eth0", PEER, GROUP_V4, 255, encode(advert, PEER, GROUP_V4, pseudo_header=False))


def dropped(actions: list[Action]) -> list[str]:
    return [str(a.reason) for a in actions if isinstance(a, PacketDropped)]


def warned(actions: list[Action]) -> list[str]:
    return [a.reason for a in actions if isinstance(a, Warned)]


def sent(actions: list[Action]) -> list[SendAdvert]:
    return [a for a in actions if isinstance(a, SendAdvert)]


class TestVersion2:
    """RFC 3768 where it differs from RFC 9568."""

    def test_the_skew_is_a_part_of_one_second_whatever_the_interval(self) -> None:
        waiting = backup(100, version=2, interval_cs=500)
        waiting.step([old(200, 5)], 1.0)
        assert waiting.deadline == 1.0 + 15 + 156 / 256

    def test_priority_zero_is_followed_after_the_skew(self) -> None:
        waiting = backup(100, version=2, interval_cs=500)
        waiting.step([old(200, 5)], 1.0)
        waiting.step([old(0, 5)], 2.0)
        assert waiting.deadline == 2.0 + 156 / 256

    def test_adverts_are_of_version_2_with_whole_seconds_and_authentication_data(self) -> None:
        (advert,) = sent(master(version=2).step([], 11.0))
        payload = advert.packets[0][1]
        assert payload[:6] == bytes.fromhex("213364010001")
        assert payload[8:] == VIP.ip.packed + bytes(8)
        assert decode(payload, US, GROUP_V4, 255) == Advert(51, 100, 100, (VIP.ip,), 2)

    def test_another_interval_is_refused_because_it_cannot_be_learnt(self) -> None:
        waiting = backup(100, version=2)
        assert dropped(waiting.step([old(200, 2)], 1.0)) == ["interval"]
        assert waiting.deadline == 3.609375

    def test_a_password_is_sent_and_asked_for(self) -> None:
        node = master(version=2, password=b"secret")
        assert decode(sent(node.step([], 11.0))[0].packets[0][1], US, GROUP_V4, 255) == Advert(
            51, 100, 100, (VIP.ip,), 2, b"secret"
        )
        assert dropped(node.step([old(200)], 11.1)) == ["auth_type"]
        assert dropped(node.step([old(200, password=b"wrong")], 11.2)) == ["auth_password"]
        assert state(node) is State.MASTER
        assert dropped(node.step([old(200, password=b"secret")], 11.3)) == []
        assert state(node) is State.BACKUP

    def test_only_eight_bytes_of_a_password_count(self) -> None:
        waiting = backup(100, version=2, password=b"much too long")
        assert dropped(waiting.step([old(200, password=b"much too")], 1.0)) == []

    def test_versions_do_not_mix(self) -> None:
        assert dropped(backup(100, version=2).step([heard(200)], 1.0)) == ["version"]
        assert dropped(backup(100).step([old(200)], 1.0)) == ["version"]


def router6(**more: Any) -> RouterParams:
    return replace(router(), addresses=(LINK_LOCAL_VIP, VIP6), **more)


def backup6(**more: Any) -> Node:
    link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(GLOBAL6, US6)))
    made = Node(NodeParams("a", (router6(**more),)), 0.0)
    made.step([link, Started()], 0.0)
    made.step([VipsDropped("web")], 0.0)
    return made


class TestIpv6:
    """RFC 9568 sections 5.1.2 and 7.2 where IPv6 differs from IPv4."""

    def test_multicast_goes_from_the_link_local_address_to_ff02_12_with_both_addresses(self) -> None:
        node = backup6()
        node.step([], 10.0)
        actions = node.step([VipsHeld("web", 10.0)], 10.0)
        (advert,) = sent(actions)
        ((to, payload),) = advert.packets
        assert (advert.source, to) == (US6, IPv6Address("ff02::12"))
        assert decode(payload, US6, to, 255) == Advert(51, 100, 100, (LINK_LOCAL_VIP.ip, VIP6.ip))

    def test_neighbours_are_told_by_neighbour_advertisements(self) -> None:
        node = backup6()
        node.step([], 10.0)
        (told,) = [a for a in node.step([VipsHeld("web", 10.0)], 10.0) if isinstance(a, Announce)]
        assert told.protocol == "na"
        assert len(told.frames) == 2
        assert VIP6.ip.packed in told.frames[1]

    def test_unicast_may_come_from_a_global_address(self) -> None:
        peer = IPv6Address("2001:db8::12")
        node = backup6(unicast=Unicast(GLOBAL6, (peer,)))
        node.step([], 10.0)
        (advert,) = sent(node.step([VipsHeld("web", 10.0)], 10.0))
        assert (advert.source, advert.packets[0][0]) == (GLOBAL6, peer)

    def test_without_a_link_local_address_it_cannot_serve(self) -> None:
        link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(GLOBAL6,)))
        node = backup6()
        node.step([link], 1.0)
        assert state(node) is State.FAULT

    def test_of_two_equals_the_greater_address_wins(self) -> None:
        node = backup6()
        node.step([], 10.0)
        node.step([VipsHeld("web", 10.0)], 10.0)
        advert = Advert(51, 100, 100, (LINK_LOCAL_VIP.ip, VIP6.ip))
        payload = encode(advert, PEER6, GROUPS[6], pseudo_header=True)
        moved = moves(node.step([PacketReceived("eth0", PEER6, GROUPS[6], 255, payload)], 10.5))
        assert moved == [("MASTER", "BACKUP", "higher_priority")]

    def test_a_duplicate_that_the_kernel_reports_is_a_fault_until_it_is_gone(self) -> None:
        node = backup6()
        node.step([], 10.0)
        node.step([VipsHeld("web", 10.0)], 10.0)
        both = frozenset({LINK_LOCAL_VIP, VIP6})
        moved = moves(node.step([VipsObserved("web", both, duplicate=frozenset({VIP6}))], 10.5))
        assert moved == [("MASTER", "FAULT", "vip")]
        node.step([VipsDropped("web"), VipsObserved("web", frozenset())], 10.6)
        assert state(node) is State.BACKUP

    def test_both_families_of_one_vrid_run_side_by_side(self) -> None:
        four = replace(router(), name="four")
        link = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US, US6)))
        node = Node(NodeParams("a", (four, router6())), 0.0)
        node.step([link, Started()], 0.0)
        node.step([VipsDropped("web"), VipsDropped("four")], 0.0)
        node.step([heard(200)], 1.0)
        waits = {each.family: each.master for each in node.snapshot(1.0).routers}
        assert waits[4] is not None
        assert waits[6] is None


class TestVirtualMac:
    """The VIPs, adverts and announcements of a router that uses its virtual MAC."""

    def test_everything_goes_by_the_macvlan_and_names_the_virtual_mac(self) -> None:
        node = backup(virtual_mac=True)
        taken = node.step([], 10.0)
        actions = [*taken, *node.step([VipsHeld("web", 10.0)], 10.0)]
        assert {a.interface for a in actions if hasattr(a, "interface")} == {"vrrp4-51"}
        (told,) = [a for a in actions if isinstance(a, Announce)]
        assert all(frame[6:12] == bytes.fromhex("00005e000133") for frame in told.frames)
        assert sent(actions)[0].source == US

    def test_the_resignation_goes_by_the_interface_below_so_that_no_switch_looks_for_the_mac_here(
        self,
    ) -> None:
        node = backup(virtual_mac=True)
        node.step([], 10.0)
        node.step([VipsHeld("web", 10.0)], 10.0)
        node.step([StopRequested("stopped")], 10.5)
        (resignation,) = sent(node.step([VipsDropped("web")], 10.5))
        assert (resignation.priority, resignation.interface) == (0, "eth0")

    def test_unicast_adverts_go_where_the_routes_go(self) -> None:
        node = backup(virtual_mac=True, unicast=Unicast(US, (PEER,)))
        node.step([], 10.0)
        actions = node.step([VipsHeld("web", 10.0)], 10.0)
        assert sent(actions)[0].interface == "eth0"
        assert {a.interface for a in actions if isinstance(a, Announce)} == {"vrrp4-51"}

    def test_an_obstacle_is_a_fault_for_as_long_as_it_is_there(self) -> None:
        node = backup(virtual_mac=True)
        node.step([VipsObserved("web", frozenset(), obstacle="vrrp4-51 is taken")], 1.0)
        (seen,) = node.snapshot(1.0).routers
        assert (seen.state, seen.reason) == (State.FAULT, "vrrp4-51 is taken")
        node.step([VipsObserved("web", frozenset())], 2.0)
        assert node.snapshot(2.0).routers[0].state is State.BACKUP


class TestAcceptMode:
    """RFC 9568 section 6.1: a master that does not own the addresses need not accept their packets."""

    @pytest.mark.parametrize(
        ("priority", "accept", "held"), [(100, True, True), (100, False, False), (255, False, True)]
    )
    def test_the_owner_always_accepts(self, priority: int, *, accept: bool, held: bool) -> None:
        assert Lease(router(priority, accept=accept)).hold(0.0, 1.0, 0).accept is held


class TestStrangers:
    """An unexpected master is named, and its machine is searched for, but never too often."""

    def test_a_better_one_is_obeyed_and_searched_for_and_no_alarm_if_it_may_be_the_other_host(self) -> None:
        node = master()
        actions = node.step([heard(255)], 10.5)
        assert warned(actions) == []
        assert [a for a in actions if isinstance(a, Identify)] == [Identify("web", "eth0", PEER, 3.0)]
        order = [type(action).__name__ for action in actions[1:3]]
        assert order == ["SendAdvert", "DropVips"], "the search comes after what matters"
        (found,) = node.step([SenderIdentified("web", PEER, MAC)], 10.6)
        assert vars(type(found))["__slots__"] == ("router", "source", "mac")

    def test_a_second_master_is_named_every_time_and_searched_for_now_and_then(self) -> None:
        node = master()
        searches = 0
        for tenth in range(1, 9):
            actions = node.step([heard(50)], 10.0 + tenth / 10)
            assert "second_master" in warned(actions)
            searches += sum(isinstance(a, Identify) for a in actions)
        assert searches == 1

    def test_each_stranger_is_searched_for_but_of_many_only_four(self) -> None:
        node, searched = master(), []
        for number in range(100):
            source = IPv4Address("10.77.0.100") + number
            actions = node.step([heard(50, source), heard(60, source)], 10.0 + number / 100)
            searched += [action.source for action in actions if isinstance(action, Identify)]
        assert searched == [IPv4Address("10.77.0.100") + number for number in range(4)]

    def test_the_last_word_of_whom_we_preempted_is_no_alarm_but_a_reason_to_announce_again(self) -> None:
        node = backup()
        for at in (1.0, 2.0, 3.0):
            node.step([heard(50)], at)
        node.step([], 3.7)
        node.step([SendTried("web")], 3.7)
        node.step([VipsHeld("web", asked_at=3.7)], 3.7)
        actions = node.step([heard(50)], 3.85)
        assert warned(actions) == []
        assert [type(action).__name__ for action in actions[1:]] == ["SendAdvert", "Announce"]
        # The first may have been a beat that crossed our advert. Whoever goes on is heard an interval later.
        assert warned(node.step([heard(50)], 3.9)) == []
        assert "second_master" in warned(node.step([heard(50)], 4.85))

    def test_the_first_master_that_is_heard_and_the_one_known_before_are_no_strangers(self) -> None:
        waiting = backup()
        assert warned(waiting.step([heard(200)], 1.0)) == []
        assert warned(waiting.step([heard(200)], 2.0)) == []
        assert warned(waiting.step([heard(0)], 2.5)) == []
        assert warned(waiting.step([heard(200)], 2.6)) == []


def test_another_interval_is_learnt_and_named() -> None:
    waiting = backup()
    assert warned(waiting.step([heard(200, interval_cs=200)], 1.0)) == ["interval"]
    assert waiting.deadline == 1.0 + 6 + 2 * 156 / 256


def test_what_a_dying_master_would_say_is_ready_at_any_time() -> None:
    node = master()
    assert [(a.source, a.priority) for a in node.resignations(10.5).values()] == [(US, 0)]
    assert backup().resignations(1.0) == {}
