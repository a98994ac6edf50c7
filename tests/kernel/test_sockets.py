"""The sockets against a real kernel: what is heard from whom, and when.

Modules: net.vrrp.lan_sockets, net.vrrp.raw_ip, net.vrrp.vrrp_socket.
"""

import socket
import time
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from sidecar import bpf
from sidecar.core.events import InterfaceChanged, PacketReceived, SendFailed
from sidecar.core.params import Unicast
from sidecar.core.wire.constants import GROUPS
from sidecar.net.vrrp.packet_filter import filters
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from tests.kernel.far_end import give_ipv6
from tests.kernel.listening import (
    BOTH,
    FAR,
    OWN,
    ROUTERS,
    SECOND,
    all_heard,
    listening,
)
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import PEERS, advert, sender
from tests.kernel.sending import send

pytestmark = [pytest.mark.netns, pytest.mark.alone]


@BOTH
def test_adverts_are_heard_at_once_with_source_destination_and_ttl(family: int) -> None:
    def work() -> None:
        with listening() as (d, out):
            out.send(advert(family))
            # A busy kernel carries it over a moment later.
            heard = d.until(PacketReceived)
            assert heard == PacketReceived(
                "v0", PEERS[family], GROUPS[family], 255, payload=advert(family)[-len(heard.payload) :]
            )
            assert len(heard.payload) == {4: 12, 6: 24}[family]

    inside(work)


@BOTH
def test_what_is_refused_is_shown_a_little_later_as_it_came(family: int) -> None:
    def work() -> None:
        with listening() as (d, out):
            out.send(advert(family, vrid=52), advert(family, ttl=64), advert(family))
            said = all_heard(d)
            assert [(heard.payload[1], heard.ttl) for heard in said] == [(51, 255), (52, 255), (51, 64)]

    inside(work)


def test_ipv6_hop_limit_and_destination_are_those_of_the_packet() -> None:
    def work() -> None:
        router = replace(ROUTERS[6], unicast=Unicast(SECOND[6], (FAR[6],), min_ttl=200))
        with listening(router) as (d, out):
            out.send(advert(6, source=FAR[6], destination=SECOND[6], ttl=201))
            heard = d.until(PacketReceived)
            assert (heard.source, heard.destination, heard.ttl) == (FAR[6], SECOND[6], 201)

    inside(work)


@BOTH
def test_groups_that_were_not_joined_are_not_heard(family: int) -> None:
    others = {4: ("224.0.0.1", "224.0.0.5"), 6: ("ff02::5", "ff02::13")}[family]

    def work() -> None:
        with listening() as (d, out):
            out.send(*(advert(family, destination=ip_address(other)) for other in others))
            assert all_heard(d) == []

    inside(work)


@BOTH
def test_who_speaks_unicast_alone_hears_the_group_among_what_it_refuses(family: int) -> None:
    """So that a peer that uses multicast can be told of."""

    def work() -> None:
        router = replace(ROUTERS[family], unicast=Unicast(SECOND[family], (FAR[family],)))
        with listening(router) as (d, out):
            out.send(advert(family), advert(family, source=FAR[family], destination=SECOND[family]))
            # The other one came first, and is shown later.
            assert d.until(PacketReceived).destination == SECOND[family]
            assert [heard.destination for heard in all_heard(d)] == [GROUPS[family]]

    inside(work)


@BOTH
def test_other_interfaces_are_not_heard(family: int) -> None:
    def work() -> None:
        with listening() as (d, out):
            ip("link add v2 type veth peer name v3")
            ip("link set v2 up")
            ip("link set v3 up")
            with closing(VrrpSocket("v2", socket.if_nametoindex("v2"), family)) as other:
                other.listen(filters([ROUTERS[family]], family).urgent, multicast=True)
                out.send(advert(family))
                assert len(all_heard(d)) == 1
                assert other.receive(9) == []

    inside(work)


@BOTH
def test_our_own_multicast_is_not_heard(family: int) -> None:
    def work() -> None:
        with listening() as (d, _):
            assert send(d, OWN[family], GROUPS[family]) is None
            assert all_heard(d) == []

    inside(work)


@BOTH
def test_nothing_slips_in_before_the_filter(family: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An advert arrives on an interface that nobody asked for, before the socket is bound to its own."""
    attach = bpf.attach

    def work() -> None:
        give_ipv6()
        with sender() as out:
            early: list[bool] = []

            def late_attach(to: socket.socket, program: bytes) -> None:
                if program == bpf.DROP_ALL:
                    out.send(*[advert(family, destination=OWN[family])] * 100)
                    early.append(_waits(to))
                attach(to, program)

            monkeypatch.setattr(bpf, "attach", late_attach)
            with closing(VrrpSocket("lo", 1, family)) as opened:
                opened.listen(filters([ROUTERS[family]], family).urgent, multicast=False)
                assert opened.receive(9) == []
            assert early == [True]

    inside(work)


def _waits(to: socket.socket) -> bool:
    try:
        return bool(to.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


@BOTH
def test_there_is_no_socket_of_a_family_that_no_router_speaks(family: int) -> None:
    def opened() -> list[int]:
        """How many raw sockets each family has in this network namespace."""
        return [
            len(Path(f"/proc/thread-self/net/{name}").read_text().splitlines()) - 1
            for name in ("raw", "raw6")
        ]

    def work() -> None:
        before = opened()
        with listening(ROUTERS[family]) as (d, _):
            after = opened()
            other = {4: 6, 6: 4}[family]
            assert [now - then for now, then in zip(after, before, strict=True)] == {4: [3, 0], 6: [0, 3]}[
                family
            ]
            failed = send(d, OWN[other], GROUPS[other])
            assert failed == SendFailed("web", "no socket on v0")
        assert opened() == before

    inside(work)


def test_ipv6_is_heard_again_after_the_interface_had_lost_it() -> None:
    """An MTU below 1280 ends IPv6 on an interface, and with it every membership."""

    def work() -> None:
        with listening(ROUTERS[6]) as (d, out):
            ip("link set v0 mtu 1200")
            d.until(InterfaceChanged)
            ip("link set v0 mtu 1500")
            ip("address add fe80::11/64 dev v0 nodad")
            back = d.until(InterfaceChanged)
            assert back.state is not None
            assert OWN[6] in back.state.addresses
            out.send(advert(6))
            assert d.until(PacketReceived).source == PEERS[6]

    inside(work)


@BOTH
def test_a_resignation_is_heard_after_the_adverts_before_it_also_of_a_sender_that_nobody_follows(
    family: int,
) -> None:
    """Both wait in different queues."""

    def work() -> None:
        with listening() as (d, out):
            out.send(advert(family, priority=250), advert(family, priority=0))
            time.sleep(0.02)
            heard = [event for event in d.hear() if isinstance(event, PacketReceived)]
            assert [packet.payload[2] for packet in heard] == [250, 0]

    inside(work)


@BOTH
def test_everything_that_waited_during_a_stall_is_heard_in_one_go(family: int) -> None:
    def work() -> None:
        with listening() as (d, out):
            priorities = list(range(1, 151))
            out.send(*(advert(family, priority=priority) for priority in priorities))
            heard = [event for event in d.hear() if isinstance(event, PacketReceived)]
            assert [packet.payload[2] for packet in heard] == priorities

    inside(work)
