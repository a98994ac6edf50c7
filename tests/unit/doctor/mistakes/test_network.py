"""VIPs and networks."""

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.doctor.evidence import Kernel
from sidecar.doctor.mistakes.network import judge
from sidecar.doctor.problem import Severity, Unseen
from tests.unit.doctor.handmade import evidence, heard, problems, router, unseen


@pytest.mark.parametrize("vip", ["198.51.100.100/32", "192.0.3.100/24"])
def test_a_vip_in_no_network_of_the_interface(vip: str) -> None:
    (found,) = problems(judge(evidence(router=router(addresses=(ip_interface(vip),)))))
    assert found.what == f"{vip.partition('/')[0]} is in no network of eth0"
    assert found.evidence == "eth0 has 192.0.2.0/24"
    assert found.mend == "addresses: [...]   # a free address of 192.0.2.0/24"


@pytest.mark.parametrize("vip", ["192.0.2.100/24", "fe80::100/64", "2001:db8::100/64"])
def test_a_vip_that_belongs_there_or_of_which_nothing_is_known(vip: str) -> None:
    assert problems(judge(evidence(router=router(addresses=(ip_interface(vip),))))) == []


def test_an_interface_that_is_not_there() -> None:
    (found,) = problems(judge(evidence(router=router(interface="eth9"))))
    assert (found.severity, found.mend) == (Severity.FAULT, "interface: eth0")
    assert found.evidence == "this host has eth0"
    (bare,) = problems(judge(evidence(kernel=Kernel({}, ("lo",)))))
    assert bare.evidence == "this host has none but lo"


def test_a_master_outside_our_networks() -> None:
    (found,) = problems(judge(evidence(heard(source="192.0.3.11"))))
    assert found.what == "the other host, 192.0.3.11, is in no network of eth0"
    assert problems(judge(evidence(heard(source="192.0.3.11", vrid=52)))) == []


def test_a_kernel_that_did_not_answer_is_said() -> None:
    assert unseen(judge(replace(evidence(), kernel=Unseen("no answer")))) == ["no answer"]
