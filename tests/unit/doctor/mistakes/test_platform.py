"""Platforms that do not let an address move."""

from dataclasses import replace

import pytest

from sidecar.doctor.evidence import Kernel, Platform
from sidecar.doctor.mistakes.platform import judge
from sidecar.doctor.problem import Severity
from tests.unit.doctor.handmade import ETH0, evidence, problems, router


@pytest.mark.parametrize("vendor", ["Amazon EC2", "Google", "Hetzner", "DigitalOcean"])
def test_a_cloud(vendor: str) -> None:
    (found,) = problems(judge(evidence(platform=Platform(vendor))))
    assert found.severity is Severity.FAULT
    assert found.what == f"this is a virtual machine of {vendor}"
    assert found.mend.startswith("not here: use ")


@pytest.mark.parametrize("vendor", ["", "Dell Inc.", "VMware, Inc.", "QEMU"])
def test_machines_that_are_fine(vendor: str) -> None:
    assert problems(judge(evidence(platform=Platform(vendor)))) == []


def test_a_network_inside_the_machine_is_not_that_of_the_cloud() -> None:
    veth = replace(ETH0, kind="veth")
    inside = Kernel({"eth0": veth}, ("lo", "eth0"), all_devices=(veth,))
    assert problems(judge(evidence(kernel=inside, platform=Platform("Amazon EC2")))) == []


def test_a_virtual_mac_address_on_a_hypervisor() -> None:
    (found,) = problems(judge(evidence(router=router(virtual_mac=True), platform=Platform("VMware, Inc."))))
    assert found.mend.startswith("allow forged transmits")


def test_wifi_and_a_user_namespace() -> None:
    (rootless, wifi) = problems(
        judge(evidence(platform=Platform(wireless=frozenset({"eth0"}), rootless=True)))
    )
    assert rootless.severity is Severity.FAULT
    assert wifi.what == "eth0 is Wi-Fi"


@pytest.mark.parametrize(
    ("mac", "evident"),
    [
        (":".join(["80", "00", "00", "48", *["fe"] * 16]), "its link-layer address is 80:00:00:48:fe:"),
        ("c0:00:02:0b", "its link-layer address is c0:00:02:0b"),
        ("", "it has no link-layer address"),
    ],
    ids=["InfiniBand", "GRE", "WireGuard"],
)
def test_an_interface_whose_neighbours_learn_nothing_by_ethernet_frames(mac: str, evident: str) -> None:
    other = replace(ETH0, mac=mac)
    kernel = Kernel({"eth0": other}, ("lo", "eth0"), all_devices=(other,))
    (found,) = problems(judge(evidence(kernel=kernel)))
    assert found.severity is Severity.WARNING
    assert found.what == "eth0 is no Ethernet"
    assert found.evidence.startswith(evident)
