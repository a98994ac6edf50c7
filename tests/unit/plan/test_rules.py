"""The rules of a router that the observer is told, from its parameters."""

from ipaddress import IPv4Interface, IPv6Interface

import pytest

from sidecar.core.health.params import DampingParams
from sidecar.core.params import RouterParams
from sidecar.plan.rules import rules_of

FOUR, SIX = IPv4Interface("10.77.0.100/32"), IPv6Interface("2001:db8::100/128")


@pytest.mark.parametrize(
    ("vip", "virtual_mac", "mac"),
    [(FOUR, False, ""), (FOUR, True, "00:00:5e:00:01:33"), (SIX, True, "00:00:5e:00:02:33")],
)
def test_the_mac_of_a_virtual_router_is_that_of_its_family_and_vrid(
    vip: IPv4Interface | IPv6Interface, virtual_mac: bool, mac: str
) -> None:
    assert rules_of(RouterParams("web", "eth0", 51, 250, (vip,), virtual_mac=virtual_mac)).mac == mac


def test_damping_is_told_as_it_is() -> None:
    damping = DampingParams(2, 10.0, 60.0, 3600.0)
    assert rules_of(RouterParams("web", "eth0", 51, 250, (FOUR,), damping=damping)).damping == damping
    assert rules_of(RouterParams("web", "eth0", 51, 250, (FOUR,))).damping is None
