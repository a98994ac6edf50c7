"""What is overheard on a real link: before the packet filter, our own adverts, and nothing else.

Modules: net.capture.*.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from sidecar import bpf
from sidecar.clock import clock
from sidecar.core.address import Address
from sidecar.core.wire import arp, ndp
from sidecar.core.wire.captured import Datagram, Frame, Spoken, Word, read
from sidecar.net.capture.captures import BUFFER, Captures, Place
from sidecar.net.capture.filter import NAMED, program
from sidecar.net.capture.packet_socket import Capture
from sidecar.net.vrrp.packet_filter import AFFORDABLE
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import PEER_MAC, VIPS, advert

pytestmark = pytest.mark.netns

VIP, VIP6 = IPv4Address("10.77.0.100"), IPv6Address("fe80::100")
ALL = 1000


@contextmanager
def sender(device: str = "v1") -> Iterator[socket.socket]:
    """What is sent on v1 comes to v0."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((device, 0))
        yield out


@contextmanager
def capturing(*vips: Address, device: str = "v0") -> Iterator[tuple[Captures, list[str]]]:
    troubles: list[str] = []
    captures = Captures(clock, Capture.close, troubles.append)
    captures.listen({"lan": Place(device, frozenset(vips))})
    try:
        yield captures, troubles
    finally:
        captures.close()


def heard(captures: Captures, most: int = ALL, count: int = 0) -> list[Frame]:
    """What was heard, when there is so much: a busy kernel carries a frame over a moment later."""
    found: list[Frame] = []
    ends = time.monotonic() + 10
    while True:
        found += [frame for each in captures.receive(most) for frame in each.frames]
        if len(found) >= count or time.monotonic() > ends:
            return found
        time.sleep(0.01)


def test_adverts_and_words_about_the_vips_are_heard_although_a_packet_filter_drops_them() -> None:
    def work() -> None:
        rules = "table inet deaf { chain in { type filter hook input priority 0; drop; }; }"
        subprocess.run(["nft", "-f", "-"], input=rules, check=True, text=True)
        with capturing(VIP, VIP6) as (captures, _), sender() as out:
            for frame in (advert(4), advert(6), *arp.gratuitous(VIP, PEER_MAC)):
                out.send(frame)
            out.send(arp.probe(VIP, PEER_MAC))
            out.send(ndp.unsolicited(VIP6, PEER_MAC, router=False))
            said = [read(frame) for frame in heard(captures, count=6)]
            adverts = [each for each in said if isinstance(each, Datagram)]
            words = [each for each in said if isinstance(each, Spoken)]
            assert [each.ttl for each in adverts] == [255, 255]
            mac = PEER_MAC.hex(":")
            claims = [Spoken(Word.CLAIMS, VIP, mac)] * 2
            assert words == [*claims, Spoken(Word.PROBES, VIP, mac), Spoken(Word.CLAIMS, VIP6, mac)]

    inside(work)


def test_nothing_else_is_heard() -> None:
    def work() -> None:
        with capturing(VIP, VIP6) as (captures, _), sender() as out:
            others = IPv4Address("10.77.0.101"), IPv6Address("fe80::101")
            out.send(arp.probe(others[0], PEER_MAC))
            out.send(arp.gratuitous(others[0], PEER_MAC)[0])
            out.send(ndp.unsolicited(others[1], PEER_MAC, router=False))
            out.send(ndp.solicitation(VIP6, IPv6Address("fe80::12"), PEER_MAC))
            udp = bytearray(advert(4))
            udp[23] = socket.IPPROTO_UDP
            out.send(udp)
            assert heard(captures) == []

    inside(work)


def test_of_what_this_host_sends_adverts_are_heard() -> None:
    def work() -> None:
        with capturing(VIP) as (captures, _), sender("v0") as out:
            out.send(advert(4))
            out.send(arp.gratuitous(VIP, PEER_MAC)[0])
            (frame,) = heard(captures, count=1)
            assert frame.outgoing
            assert isinstance(read(frame), Datagram)

    inside(work)


def test_a_flood_costs_as_many_reads_as_are_allowed_and_the_kernel_drops_the_rest() -> None:
    def work() -> None:
        with capturing(VIP) as (captures, _), sender() as out:
            for _ in range(ALL):
                out.send(advert(4))
            assert len(heard(captures, 8)) == 8
            assert len(heard(captures)) <= BUFFER // 200
            out.send(advert(4))
            assert len(heard(captures)) == 1

    inside(work)


def test_other_vips_a_new_name_and_an_interface_that_is_gone_and_comes_again() -> None:
    def work() -> None:
        with capturing(VIP) as (captures, troubles):
            other = IPv4Address("10.77.0.101")
            captures.listen({"lan": Place("v0", frozenset({other}))})
            with sender() as out:
                out.send(arp.gratuitous(VIP, PEER_MAC)[0])
                out.send(arp.gratuitous(other, PEER_MAC)[0])
            (each,) = captures.receive(ALL)
            assert (each.interface, len(each.frames)) == ("lan", 1)
            ip("link del v0")
            captures.listen({"lan": Place("v0", frozenset({other}))})
            assert troubles == ["v0: No such device"]
            ip("link add w0 type veth peer name v1")
            ip("link set w0 up")
            ip("link set v1 up")
            captures.listen({"lan": Place("w0", frozenset({other}))})
            assert len(troubles) == 1  # it is tried again after a while
            captures.listen({"lan": Place("", frozenset())})
            captures.listen({})

    inside(work)


def test_an_interface_that_was_renamed_is_heard_on() -> None:
    def work() -> None:
        with capturing(VIP) as (captures, troubles):
            ip("link set v0 name w0")
            for place in (Place("v0", frozenset({VIP})), Place("w0", frozenset({VIP}))):
                captures.listen({"lan": place} if place.device == "w0" else {})
            with sender() as out:
                out.send(advert(4))
            assert len(heard(captures)) == 1
            assert troubles == []

    inside(work)


@pytest.mark.parametrize("family", [4, 6])
def test_the_program_fits_an_old_kernel_and_knows_every_vip_that_it_names(family: int) -> None:
    vips = [ip_address(int(VIPS[family]) + number) for number in range(NAMED[family] + 1)]
    four = [ip_address(int(VIPS[4]) + number) for number in range(NAMED[4])]
    six = [ip_address(int(VIPS[6]) + number) for number in range(NAMED[6])]
    assert bpf.size(program([*four, *six])) <= AFFORDABLE

    def work() -> None:
        for number, passes in ((NAMED[family], 0), (NAMED[family] + 1, 1)):
            with capturing(*vips[:number]) as (captures, _), sender() as out:
                last, other = vips[number - 1], ip_address(int(VIPS[family]) + 1000)
                for address in (last, other):
                    if isinstance(address, IPv4Address):
                        out.send(arp.gratuitous(address, PEER_MAC)[0])
                    else:
                        out.send(ndp.unsolicited(address, PEER_MAC, router=False))
                assert len(heard(captures)) == 1 + passes

    inside(work)
