"""A host that does not answer its neighbours for a VIP is told so, with the line that mends it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sidecar.core.events import VipsObserved
from tests.kernel.desk import HOLD, VIP, Desk, desk
from tests.kernel.own_namespace import inside, ip, set_ipv4

pytestmark = pytest.mark.netns

LONG = replace(HOLD, lease=60)


def observed(d: Desk, obstacle: str) -> VipsObserved:
    """What is said of the VIPs once this is in the way, or nothing is."""
    return d.until(VipsObserved, lambda seen: seen.obstacle == obstacle)


@contextmanager
def held() -> Iterator[Desk]:
    """A network that has the VIP, with nothing in the way."""
    with desk() as d:
        assert d.hold(LONG).error is None
        assert observed(d, "").owned == {VIP}
        yield d


def look() -> None:
    """Have everything looked at: the kernel tells nobody of these settings."""
    ip("address add 10.77.0.30/24 dev v0")


def test_an_interface_that_resolves_no_neighbours() -> None:
    def work() -> None:
        with held() as d:
            ip("link set v0 arp off")
            observed(d, "v0 resolves no neighbours, so nobody finds the VIP: `ip link set v0 arp on`")
            ip("link set v0 arp on")
            observed(d, "")

    inside(work)


@pytest.mark.parametrize("where", ["all", "v0"])
def test_a_setting_with_which_nothing_is_answered(where: str) -> None:
    name = f"net.ipv4.conf.{where}.arp_ignore"

    def work() -> None:
        with held() as d:
            set_ipv4("arp_ignore", 8, where)
            look()
            observed(d, f"{name} is 8, so no ARP request for the VIP is answered: `sysctl -w {name}=1`")

    inside(work)


def test_a_setting_with_which_a_vip_that_is_there_is_not_answered_and_a_new_one_is() -> None:
    name = "net.ipv4.conf.v0.arp_ignore"

    def work() -> None:
        with held() as d:
            set_ipv4("arp_ignore", 3, "v0")
            look()
            observed(d, f"{name} is 3, so no ARP request for the VIP is answered: `sysctl -w {name}=1`")
            assert d.drop().error is None
            observed(d, "")
            assert d.hold(LONG).error is None
            assert observed(d, "").owned == {VIP}

    inside(work)


@pytest.mark.parametrize(
    "harmless", [lambda: set_ipv4("arp_ignore", 1, "v0"), lambda: set_ipv4("arp_ignore", 2, "all")]
)
def test_settings_with_which_the_lan_of_the_vip_is_answered(harmless: Callable[[], None]) -> None:
    def work() -> None:
        harmless()
        with held():
            pass

    inside(work)
