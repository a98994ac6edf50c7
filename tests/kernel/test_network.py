"""The edge to the kernel against a real kernel: what is seen, what is added, what is never touched.

Modules: net.addresses.vips, net.kernel.attributes, net.command_queue, net.addresses.foreign_vips,
net.kernel.link, net.kernel.picture, net.kernel.reader, net.kernel.link_socket, net.ownership,
net.kernel.rtnetlink, net.workers.
"""

import re
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_interface

import pytest

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.address import Address
from sidecar.core.events import (
    ActionExpired,
    ForeignVip,
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    VipsDropped,
    VipsObserved,
)
from sidecar.core.router.transmit import Transmitter
from sidecar.core.wire.advert import GROUP_V4, Advert, decode, encode
from sidecar.core.wire.arp import gratuitous
from sidecar.net.network import Left
from tests.kernel.desk import DROP, HOLD, NEVER, ROUTER, VIP, desk
from tests.kernel.own_namespace import inside, ip, ip_batch, left_of_leases
from tests.kernel.packets import next_advert
from tests.lateness import Lateness

pytestmark = pytest.mark.netns

OWN: Address = ip_address("10.77.0.11")
PEER: Address = ip_address("10.77.0.12")


def shown(interface: str = "v0") -> str:
    command = ["ip", "-o", "-4", "address", "show", "dev", interface]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_vips_are_leased_marked_and_without_a_route() -> None:
    def work() -> None:
        with desk() as d:
            assert d.hold(replace(HOLD, lease=60)).error is None
            assert d.until(VipsObserved).owned == {VIP}
            assert "10.77.0.100/32 scope host dynamic noprefixroute" in shown()
            assert 30 < left_of_leases(shown())[0] <= 60
            d.network.perform(DROP)
            assert d.until(VipsDropped).error is None
            assert d.until(VipsObserved).owned == frozenset()
            assert "10.77.0.100" not in shown()

    inside(work)


@pytest.mark.timing
def test_without_renewal_the_kernel_alone_removes_them(lateness: Lateness) -> None:
    def work() -> None:
        with desk() as d:
            asked = d.hold().asked_at
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            d.until(VipsObserved, lambda seen: not seen.owned)
            assert 0.95 <= time.monotonic() - asked <= 1.6 + lateness()

    inside(work)


def test_renewal_keeps_them() -> None:
    def work() -> None:
        with desk() as d:
            ends = time.monotonic() + 3.5
            while time.monotonic() < ends:
                assert d.hold(replace(HOLD, lease=2)).error is None
                d.rest(0.3)
            assert "10.77.0.100/32" in shown()

    inside(work)


def test_dropping_what_is_absent_succeeds() -> None:
    def work() -> None:
        with desk() as d:
            d.network.perform(DROP)
            assert d.until(VipsDropped).error is None

    inside(work)


def test_an_address_of_somebody_else_is_neither_renewed_nor_removed() -> None:
    def work() -> None:
        ip("address add 10.77.0.100/32 dev v0")
        before = shown()
        with desk() as d:
            assert d.until(VipsObserved).foreign == {ForeignVip("v0", VIP)}
            assert "added by somebody else" in str(d.hold().error)
            d.network.perform(DROP)
            assert d.until(VipsDropped).error is None
            assert d.network.abandon({}) == Left()
        assert shown() == before

    inside(work)


@pytest.mark.parametrize(
    "given", ["10.77.0.100/32", "10.77.0.100 peer 10.77.0.1/32", "10.77.0.100 peer 10.78.0.1/24"]
)
def test_the_command_that_is_told_removes_an_address_of_somebody_else(given: str) -> None:
    def work() -> None:
        ip(f"address add {given} dev v0")
        with desk() as d:
            d.until(VipsObserved)
            told = re.search(r"`ip (address del [^`]*)`", str(d.hold().error))
            assert told is not None
            ip(told[1])
            d.until(VipsObserved, lambda seen: not seen.foreign)

    inside(work)


def test_a_vip_on_another_interface_is_foreign() -> None:
    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            ip("address add 10.77.0.100/24 dev v1")
            there = ForeignVip("v1", ip_interface("10.77.0.100/24"))
            assert d.until(VipsObserved).foreign == {there}

    inside(work)


def test_removal_by_hand_is_noticed() -> None:
    def work() -> None:
        with desk() as d:
            d.hold(replace(HOLD, lease=60))
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            ip("address del 10.77.0.100/32 dev v0")
            assert d.until(VipsObserved).owned == frozenset()

    inside(work)


def test_a_command_whose_time_is_over_is_not_carried_out() -> None:
    def work() -> None:
        with desk() as d:
            d.network.perform(replace(HOLD, not_after=time.monotonic() - 1))
            assert d.until(ActionExpired).late >= 1
            assert "10.77.0.100" not in shown()
            d.until(InterfaceChanged)
            late = SendAdvert("web", "v0", OWN, ((GROUP_V4, b""),), 250, time.monotonic() - 1)
            expired = d.network.perform(late)
            assert isinstance(expired, ActionExpired)
            frames = gratuitous(ip_address("10.77.0.100"), bytes(6))  # type: ignore[arg-type]
            expired = d.network.perform(Announce("web", "v0", frames, time.monotonic() - 1))
            assert isinstance(expired, ActionExpired)

    inside(work)


def test_lost_notifications_are_repaired_by_a_dump() -> None:
    """Fill the netlink socket until the kernel drops, then ask for the truth."""

    storm = [f"10.80.{n // 250}.{n % 250 + 1}/32 dev v1\n" for n in range(4000)]
    verbs = [f"address {verb} {each}" for verb in ("add", "del") for each in storm]

    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            ip_batch([*verbs, "address del 10.77.0.11/24 dev v0\n"])
            # On a slow machine IPv6 has made a link-local address meanwhile, and there are two overflows.
            d.until(InterfaceChanged, lambda seen: seen.state is not None and OWN not in seen.state.addresses)
            assert set(d.troubles) == {("netlink", "overflow")}

    inside(work)


def test_interface_down_gone_and_back() -> None:
    def is_up(up: bool) -> Callable[[InterfaceChanged], bool]:
        return lambda changed: isinstance(changed.state, InterfaceState) and changed.state.up is up

    def work() -> None:
        with desk() as d:
            first = d.until(InterfaceChanged)
            assert first.state is not None
            assert (first.state.up, first.state.addresses, first.state.listen_error) == (True, (OWN,), "")
            ip("link set v1 down")
            d.until(InterfaceChanged, is_up(False))
            ip("link set v1 up")
            d.until(InterfaceChanged, is_up(True))
            ip("link del v0")
            d.until(InterfaceChanged, lambda changed: changed.state is None)
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            again = d.until(InterfaceChanged, is_up(True))
            assert again.state is not None
            assert again.state.index != first.state.index
            assert not again.state.listen_error

    inside(work)


def _datagram(ttl: int, destination: Address) -> bytes:
    """Return one VRRP packet of the peer as an Ethernet frame."""
    payload = encode(Advert(51, 240, 100, (VIP.ip,)), PEER, destination, pseudo_header=True)
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0xC0, 20 + len(payload), 0, 0, ttl, 112, 0, PEER.packed, destination.packed
    )
    total = sum(struct.unpack("!10H", header))
    checksum = 0xFFFF - (total % 0xFFFF)
    header = header[:10] + struct.pack("!H", checksum) + header[12:]
    return b"\x01\x00\x5e\x00\x00\x12" + b"\x02\0\0\0\0\x12" + b"\x08\x00" + header + payload


def test_packets_come_with_source_destination_and_ttl() -> None:
    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
                for ttl in (255, 64):
                    sender.sendto(_datagram(ttl, GROUP_V4), ("v1", 0))
            for ttl in (255, 64):
                got = d.until(PacketReceived)
                assert (got.interface, got.source, got.destination, got.ttl) == ("v0", PEER, GROUP_V4, ttl)
                advert = decode(got.payload, got.source, got.destination, 255)
                assert advert == Advert(51, 240, 100, (VIP.ip,))

    inside(work)


def test_adverts_leave_from_the_named_source_with_ttl_255() -> None:
    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as listener:
                listener.bind(("v1", 0))
                listener.settimeout(2)
                payload = encode(Advert(51, 250, 100, (VIP.ip,)), OWN, GROUP_V4, pseudo_header=True)
                d.hold()
                command = SendAdvert("web", "v0", OWN, ((GROUP_V4, payload),), 250, NEVER)
                assert d.network.perform(command) is None
                frame = next_advert(listener)
            assert frame[:6] == bytes.fromhex("01005e000012")
            assert (frame[15], frame[22], frame[23]) == (0xC0, 255, 112)
            assert frame[26:30] == OWN.packed
            assert frame[34 : 34 + len(payload)] == payload

    inside(work)


def test_abandon_removes_the_vips_and_then_says_priority_zero() -> None:
    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            d.hold()
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as listener:
                listener.bind(("v1", 0))
                listener.settimeout(2)
                resignation = Transmitter(ROUTER, None).advertise(OWN, 0, 0.0, NEVER)
                assert d.network.abandon({"web": resignation}) == Left()
                assert "10.77.0.100" not in shown()
                assert next_advert(listener)[34 + 2] == 0

    inside(work)


def test_without_the_task_that_changes_addresses_nothing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    def work() -> None:
        with desk() as d:
            d.until(InterfaceChanged)
            monkeypatch.setattr("sidecar.net.addresses.vips.Addresses.drop", broken)
            d.network.perform(DROP)
            with pytest.raises(RuntimeError, match="planted"):
                d.until(VipsDropped)
            monkeypatch.undo()
            assert d.network.abandon({}) == Left()

    inside(work)
