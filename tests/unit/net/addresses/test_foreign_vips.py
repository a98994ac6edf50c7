"""VIPs that somebody else has put on this host, and the commands that people are told."""

from ipaddress import ip_interface
from typing import cast

import pytest

from sidecar.core.events import ForeignVip
from sidecar.core.params import RouterParams
from sidecar.net.addresses.foreign_vips import in_the_way
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Holds
from sidecar.net.kernel.view import KernelView

VIP = ip_interface("10.77.0.100/32")
PEER = "10.77.0.1/32"


class View:
    """The interfaces of a host by what the configuration calls them."""

    def __init__(self, **links: Link) -> None:
        self.link = links.get


def found(interface: str, link: Link, lan: Link, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what must be set for the VIP on this interface, "" where it must be removed from there."""
    monkeypatch.setattr("sidecar.net.addresses.foreign_vips.setting", lambda *_: 0)
    view = View(**{"lan": lan, interface: link})
    holds = Holds(foreign=frozenset({(interface, VIP, "")}))
    router = RouterParams("web", "lan", 51, 250, (VIP,))
    return [each.silencer for each in in_the_way(router, cast("KernelView", view), holds)]


def test_a_dummy_is_as_loopback_is_but_for_the_router_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers behind a load balancer keep their VIPs on either."""
    dummy, eth1 = Link(3, 3, "dummy0", kind="dummy"), Link(3, 3, "eth1", kind="veth")
    silencer = ["sysctl -w net.ipv4.conf.eth0.arp_ignore=1"]
    assert found("dummy0", dummy, Link(2, 2, "eth0"), monkeypatch) == silencer
    assert found("eth1", eth1, Link(2, 2, "eth0"), monkeypatch) == [""]
    assert found("dummy0", dummy, dummy, monkeypatch) == [""]
    assert found("dummy0", dummy, Link(4, 3, "mv0", kind="macvlan"), monkeypatch) == [""]


@pytest.mark.parametrize(
    ("device", "said"), [("eth0", "net.ipv4.conf.eth0"), ("eth0.100", "net.ipv4.conf.eth0/100")]
)
def test_the_setting_that_allows_a_vip_on_loopback_is_named_as_sysctl_takes_it(
    monkeypatch: pytest.MonkeyPatch, device: str, said: str
) -> None:
    """A dot in the name of a VLAN is a slash there: else the command is refused."""
    monkeypatch.setattr("sidecar.net.addresses.foreign_vips.setting", lambda *_: 0)
    router = RouterParams("web", "lan", 51, 250, (VIP,))
    view = View(lan=Link(2, 2, device), lo=Link(1, 1, "lo", loopback=True))
    holds = Holds(foreign=frozenset({("lo", VIP, PEER)}))
    (found,) = in_the_way(router, cast("KernelView", view), holds)
    assert found == ForeignVip("lo", VIP, f"sysctl -w {said}.arp_ignore=1", PEER)
