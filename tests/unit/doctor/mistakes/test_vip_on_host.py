"""A VIP that something else has set on this host."""

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.doctor.evidence import Kernel, Place
from sidecar.doctor.mistakes.vip_on_host import judge
from sidecar.doctor.problem import Unseen
from tests.unit.doctor.handmade import ETH0, evidence, problems, unseen

NETPLAN = Place("eth0", ip_interface("192.0.2.100/24"), ours=False)


def host(*places: Place) -> Kernel:
    return Kernel({"eth0": ETH0}, ("lo", "eth0"), places, (ETH0,))


def test_an_address_without_our_mark_is_named_with_the_line_that_removes_it() -> None:
    (found,) = problems(judge(evidence(kernel=host(NETPLAN))))
    assert found.what == "192.0.2.100 is on eth0 already, and no sidecar has put it there"
    assert found.mend == "ip address del 192.0.2.100/24 dev eth0   # once what has set it is stopped"


def test_the_line_for_a_point_to_point_address_names_its_other_end() -> None:
    place = Place("eth0", ip_interface("192.0.2.100/32"), ours=False, peer="192.0.2.1/32")
    (found,) = problems(judge(evidence(kernel=host(place))))
    assert found.mend.startswith("ip address del 192.0.2.100 peer 192.0.2.1/32 dev eth0 ")


@pytest.mark.parametrize(
    ("place", "arp_ignore", "found"),
    [
        (Place("eth0", ip_interface("192.0.2.100/32"), ours=True), 0, 0),
        (Place("lo", ip_interface("192.0.2.100/32"), ours=False, leads_nowhere=True), 0, 1),
        (Place("lo", ip_interface("192.0.2.100/32"), ours=False, leads_nowhere=True), 1, 0),
        (Place("lo", ip_interface("192.0.2.100/32"), ours=False, leads_nowhere=True), 3, 1),
        (Place("dummy0", ip_interface("192.0.2.100/32"), ours=False, leads_nowhere=True), 1, 0),
        (Place("eth0", ip_interface("192.0.2.100/32"), ours=False, leads_nowhere=True), 1, 1),
        (Place("eth1", ip_interface("192.0.2.100/32"), ours=False), 1, 1),
    ],
)
def test_what_is_in_the_way(place: Place, arp_ignore: int, found: int) -> None:
    settings = {"net.ipv4.conf.all.arp_ignore": arp_ignore}
    assert len(problems(judge(evidence(kernel=host(place), settings=settings)))) == found


def test_a_kernel_that_did_not_answer_is_said() -> None:
    assert unseen(judge(replace(evidence(), kernel=Unseen("no answer")))) == ["no answer"]
