"""Tables and settings that eat the traffic of a VIP."""

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.doctor.evidence import Air, Claim, Device, Firewall, Kernel, Speaker
from sidecar.doctor.mistakes.leftovers import judge
from sidecar.doctor.problem import Unseen
from tests.unit.doctor.handmade import ETH0, VIP, evidence, problems, router, unseen

KEEPALIVED = Firewall((("ip", "keepalived"), ("inet", "filter")))
ETH1 = Device("eth1", 3, "02:00:00:00:01:12", own=(ip_interface("192.0.2.13/24"),))


def two(other: Device = ETH1) -> Kernel:
    return Kernel({"eth0": ETH0}, ("lo", "eth0", "eth1"), all_devices=(ETH0, other))


def test_a_table_of_keepalived_that_does_not_run() -> None:
    (found,) = problems(judge(evidence(firewall=KEEPALIVED)))
    assert found.mend == "nft delete table ip keepalived"
    assert problems(judge(evidence(firewall=KEEPALIVED, speakers=(Speaker(1, 2, "keepalived"),)))) == []


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("net.ipv4.conf.eth0.arp_ignore", 8, "sysctl -w net.ipv4.conf.eth0.arp_ignore=0"),
        ("net.ipv4.conf.all.arp_ignore", 8, "sysctl -w net.ipv4.conf.all.arp_ignore=0"),
    ],
)
def test_an_interface_that_answers_no_arp(name: str, value: int, mend: str) -> None:
    (found,) = problems(judge(evidence(settings={name: value})))
    assert found.mend == mend
    assert problems(judge(evidence(settings={name: 2}))) == []


@pytest.mark.parametrize("where", ["all", "eth0"])
def test_ipv6_that_is_switched_off(where: str) -> None:
    settings = {f"net.ipv6.conf.{where}.disable_ipv6": 1}
    six = router(addresses=(ip_interface("2001:db8::100/128"),))
    (found,) = problems(judge(evidence(router=six, settings=settings)))
    assert found.mend == f"sysctl -w net.ipv6.conf.{where}.disable_ipv6=0"
    assert problems(judge(evidence(settings=settings))) == []


@pytest.mark.parametrize("vip", ["192.0.2.100/24", "2001:db8::100/128"])
def test_a_setting_of_a_vlan_is_named_as_sysctl_takes_it(vip: str) -> None:
    """A dot in its name is a slash there: else the command is refused."""
    vlan = Kernel({"eth0": replace(ETH0, name="eth0.100")}, ("lo", "eth0.100"))
    settings = {"net.ipv4.conf.eth0.100.arp_ignore": 8, "net.ipv6.conf.eth0.100.disable_ipv6": 1}
    there = router(addresses=(ip_interface(vip),))
    (found,) = problems(judge(evidence(router=there, kernel=vlan, settings=settings)))
    version, name = (6, "disable_ipv6") if ":" in vip else (4, "arp_ignore")
    assert found.mend == f"sysctl -w net.ipv{version}.conf.eth0/100.{name}=0"


def test_two_cards_in_the_subnet_of_the_vip() -> None:
    (found,) = problems(judge(evidence(kernel=two(), settings={"net.ipv4.conf.eth1.rp_filter": 1})))
    assert found.what.startswith("eth1 has an address in the subnet of the VIP, too")
    assert found.evidence == "arp_ignore is 0 on eth0, eth1; rp_filter is 1 on eth1"


def test_a_card_without_an_address_that_answers_for_the_vip() -> None:
    bare = replace(ETH1, own=())
    said = Air(4.0, claims=(Claim("eth0", VIP.ip, bare.mac),))
    (found,) = problems(judge(evidence(kernel=two(bare), air=said)))
    assert found.what == "eth1 is in the LAN of the VIP, too, and answers ARP for it"
    assert problems(judge(evidence(kernel=two(bare)))) == []
    of_a_vip_elsewhere = Air(4.0, claims=(Claim("eth2", VIP.ip, bare.mac), Claim("eth0", VIP.ip, ETH0.mac)))
    assert problems(judge(evidence(kernel=two(bare), air=of_a_vip_elsewhere))) == []


@pytest.mark.parametrize(
    "fine",
    [
        evidence(kernel=two(), settings={"net.ipv4.conf.all.arp_ignore": 1}),
        evidence(kernel=two(replace(ETH1, up=False))),
        evidence(kernel=two(replace(ETH1, own=(ip_interface("198.51.100.13/24"),)))),
        evidence(kernel=two(replace(ETH1, own=(ip_interface("192.0.2.13/32"),)))),
        evidence(kernel=two(), router=router(virtual_mac=True)),
    ],
    ids=["silent", "down", "another subnet", "a host address", "virtual MAC"],
)
def test_a_second_card_that_does_no_harm(fine: object) -> None:
    assert problems(judge(fine)) == []  # type: ignore[arg-type]


def test_a_firewall_that_cannot_be_read_is_said() -> None:
    assert unseen(judge(evidence(firewall=Unseen("it needs NET_ADMIN")))) == ["it needs NET_ADMIN"]
