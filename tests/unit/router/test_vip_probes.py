"""The VIPs are asked for before the first takeover, after each, and now and then: bounded."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from sidecar.core.snapshot import Contention, RouterSnapshot
from sidecar.core.state import State
from sidecar.core.wire import arp, ndp
from sidecar.router.vip_probes import BATCH, EVERY, VipProbes
from tests.unit.telemetry.lan.overheard import OWN, VIP, backup, master

MACS = {"eth0": OWN}


def times(probes: VipProbes, router: RouterSnapshot, begins: float, ends: float) -> list[float]:
    """Look twice a second. Return the moments at which something was asked."""
    looks = [begins + step / 2 for step in range(int(2 * (ends - begins)) + 1)]
    return [now for now in looks for _ in probes.frames((router,), MACS, now)]


def test_a_host_that_waits_asks_three_times_and_then_every_ten_seconds() -> None:
    assert times(VipProbes(), backup(), 0.0, 25.0) == [0.0, 1.0, 2.0, 12.0, 22.0]
    ((device, frame),) = VipProbes().frames((backup(),), MACS, 0.0)
    assert (device, frame) == ("eth0", arp.probe(VIP.ip, OWN))


def test_after_a_takeover_it_asks_when_the_master_before_must_have_let_go() -> None:
    probes = VipProbes()
    assert times(probes, backup(), 0.0, 5.0) == [0.0, 1.0, 2.0]
    assert times(probes, master(), 6.0, 12.0) == [8.0, 9.0, 10.0]


def test_nothing_is_asked_before_the_interface_is_known_and_leftovers_are_removed() -> None:
    probes = VipProbes()
    assert times(probes, backup(device=""), 0.0, 5.0) == []
    assert times(probes, backup(state=State.INIT), 5.0, 10.0) == []
    assert list(probes.frames((backup(),), {}, 10.0)) == []  # its MAC address is not known yet
    assert times(probes, backup(), 11.0, 11.0) == [11.0]


def test_ipv6_asks_from_a_link_local_address_alone() -> None:
    vip, link = IPv6Interface("fd77::100/128"), IPv6Address("fe80::11")
    six = backup(family=6, vips=(vip,), contention=Contention(source=link))
    ((_, frame),) = VipProbes().frames((six,), MACS, 0.0)
    assert frame == ndp.solicitation(vip.ip, link, OWN)
    for source in (None, IPv6Address("fd77::11")):
        lacking = replace(six, contention=Contention(source=source))
        assert list(VipProbes().frames((lacking,), MACS, 0.0)) == []


def test_many_vips_are_asked_for_a_few_at_a_time_and_each_in_its_turn() -> None:
    first = IPv4Address("10.77.1.0")
    vips = tuple(IPv4Interface(first + number) for number in range(200))
    probes, router, asked = VipProbes(), backup(vips=vips), list[bytes]()
    for step in range(200):
        batch = [frame for _, frame in probes.frames((router,), MACS, step / 2)]
        assert len(batch) <= BATCH
        asked += batch
    counts = {asked.count(arp.probe(vip.ip, OWN)) for vip in vips}
    assert min(counts) >= 3
    assert max(counts) <= 3 + 100 / EVERY


def test_a_router_or_a_vip_that_is_gone_is_asked_for_no_more() -> None:
    probes = VipProbes()
    assert times(probes, backup(), 0.0, 0.0) == [0.0]
    other = IPv4Interface("10.77.0.101/32")
    ((_, frame),) = probes.frames((backup(vips=(other,)),), MACS, 1.0)
    assert frame == arp.probe(other.ip, OWN)
    assert list(probes.frames((), MACS, 20.0)) == []
    assert times(probes, backup(), 21.0, 21.0) == [21.0]
