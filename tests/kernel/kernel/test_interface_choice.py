"""An interface is found by every name of it and by what it carries, and if it is not, people learn why.

Modules: core.interface_choice.
"""

import socket
from dataclasses import replace
from ipaddress import IPv4Interface, ip_address, ip_interface

import pytest

from sidecar.checks.interfaces import names_of
from sidecar.checks.kinds.link import read_link
from sidecar.core.actions import Announce, DropVips, HoldVips, SendAdvert
from sidecar.core.events import InterfaceChanged, VipsObserved
from sidecar.core.health.result import Outcome
from sidecar.core.params import RouterParams
from sidecar.core.router.transmit import Transmitter
from sidecar.core.wire.arp import gratuitous
from sidecar.net.router_lock import Held, RouterLocks
from sidecar.net.task import complete
from tests.kernel.desk import NEVER, ROUTER, VIP, Desk, desk
from tests.kernel.own_namespace import inside, ip, ip_batch

pytestmark = pytest.mark.netns

LONG = "the-lan-of-the-web-servers"
WAYS = ["lan", LONG, "10.77.0.0/24", "10.77.0.11"]
"""Beside its first name."""
ONLY_LO = "only lo is left: was the container whose network this is restarted? restart this one and nginx"


def chosen_by(interface: str) -> RouterParams:
    """A router on the interface that is chosen so."""
    return replace(ROUTER, interface=interface)


def hold(router: RouterParams) -> HoldVips:
    """The command to hold its VIPs."""
    return HoldVips(router.name, router.vip_interface, router.addresses, 60, not_after=NEVER)


def name_it() -> None:
    """Give v0 a short and a long name more."""
    for name in ("lan", LONG):
        ip(f"link property add dev v0 altname {name}")


def missing(d: Desk) -> str:
    """Why there is no interface, once there is none."""
    return d.until(InterfaceChanged, lambda changed: changed.state is None).missing


@pytest.mark.parametrize("way", WAYS)
def test_all_that_is_done_with_an_interface_is_done_however_it_is_chosen(way: str) -> None:
    router = chosen_by(way)

    def work() -> None:
        name_it()
        with desk(router) as d:
            state = d.until(InterfaceChanged).state
            assert state is not None
            assert (state.name, state.listen_error) == ("v0", "")
            assert d.hold(hold(router)).error is None
            assert d.until(VipsObserved).owned == {VIP}
            source = ip_address("10.77.0.11")
            advert = Transmitter(router, None).advertise(source, 250, 0.0, NEVER)
            assert isinstance(advert, SendAdvert)
            assert d.network.perform(advert) is None
            frames = gratuitous(ip_address("10.77.0.100"), state.mac)  # type: ignore[arg-type]
            assert d.network.perform(Announce("web", way, frames, NEVER)) is None
            assert d.drop(DropVips("web", way, (VIP,))).error is None

    inside(work)


@pytest.mark.parametrize("way", WAYS)
def test_the_link_check_finds_it_too(way: str) -> None:
    def work() -> None:
        name_it()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            assert read_link(asking, way).outcome is Outcome.PASS
            ip("link set v0 down")
            assert read_link(asking, way).detail == "the interface is down"
            ip("link del v0")
            assert read_link(asking, way).detail == "no such interface"

    inside(work)


def test_the_link_check_finds_it_behind_thousands_of_other_addresses() -> None:
    def work() -> None:
        ip_batch(f"address add 10.{80 + n // 250}.0.{n % 250 + 1}/32 dev lo\n" for n in range(5000))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            assert names_of(asking, "10.77.0.0/24") == ["v0"]

    inside(work)


def test_the_link_check_finds_it_by_an_ipv6_network() -> None:
    def work() -> None:
        ip("address add fd77::11/64 dev v0 nodad")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            assert names_of(asking, "fd77::/64") == ["v0"]
            assert names_of(asking, "fd78::/64") == []

    inside(work)


def test_the_link_check_does_not_take_loopback_for_it() -> None:
    """Where the VIP is on lo, as with LVS, an uplink that is down must be a failure all the same."""

    def work() -> None:
        ip("address add 10.77.0.100/32 dev lo")
        ip("link set v0 down")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            assert read_link(asking, "10.77.0.0/24").detail == "the interface is down"

    inside(work)


def test_a_second_sidecar_is_known_however_it_chose_the_interface() -> None:
    """Its VIPs are others: their locks say nothing."""
    one = ROUTER
    other = replace(chosen_by("10.77.0.0/24"), addresses=(ip_interface("10.77.0.101/32"),))

    def work() -> None:
        first, second = RouterLocks(), RouterLocks()
        first.acquire([one], pytest.fail, 0)
        try:
            with pytest.raises(Held, match="has VRID 51 of IPv4 on v0 already"):
                second.acquire([other], pytest.fail, 0)
        finally:
            first.close()

    inside(work)


def test_a_router_with_a_virtual_mac_finds_the_interface_below() -> None:
    router = replace(chosen_by("10.77.0.0/24"), virtual_mac=True)

    def work() -> None:
        with desk(router) as d:
            d.until(InterfaceChanged)
            assert d.hold(hold(router)).error is None
            assert d.until(VipsObserved, lambda seen: bool(seen.owned)).obstacle == ""

    inside(work)


@pytest.mark.parametrize("way", ["10.77.0.0/24", "10.77.0.11"])
def test_what_carries_the_address_later_is_the_interface_then(way: str) -> None:
    """As Docker does it: the interface is gone, and what comes back is called otherwise."""
    router = chosen_by(way)

    def work() -> None:
        with desk(router) as d:
            d.until(InterfaceChanged)
            assert d.hold(hold(router)).error is None
            ip("link del v0")
            assert (missing(d)).endswith(f": {ONLY_LO}")
            ip("link add n0 type veth peer name n1")
            assert (missing(d)).endswith("; there are lo, n1, n0")
            for end in ("n0", "n1"):
                ip(f"link set {end} addrgenmode none")
                ip(f"link set {end} up")
            ip("address add fe80::11/64 dev n0 nodad")
            ip("address add 10.77.0.11/24 dev n0")
            found = d.until(InterfaceChanged, lambda changed: changed.state is not None).state
            assert found is not None
            # All its addresses are known, not only the one that it was found by.
            assert {str(each) for each in found.addresses} == {"fe80::11", "10.77.0.11"}
            assert found.name == "n0"
            assert d.hold(hold(router)).error is None
            assert d.until(VipsObserved, lambda seen: bool(seen.owned)).owned == {VIP}

    inside(work)


@pytest.mark.parametrize("way", ["10.77.0.0/24", "10.77.0.11"])
def test_one_that_has_lost_the_address_has_none_to_send_from_until_something_has_it_again(way: str) -> None:
    router = chosen_by(way)

    def work() -> None:
        ip("address add 192.0.2.11/24 dev v0")
        with desk(router) as d:
            d.until(InterfaceChanged)
            assert d.hold(hold(router)).error is None
            ip("address del 10.77.0.11/24 dev v0")
            found = d.until(InterfaceChanged, lambda changed: changed.state is not None).state
            assert found is not None
            assert (found.name, found.addresses, found.lost) == ("v0", (), True)
            assert d.drop(DropVips("web", way, (VIP,))).removed == {VIP}
            ip("address add 10.77.0.11/24 dev v1")
            moved = d.until(InterfaceChanged, lambda changed: changed.state is not None).state
            assert moved is not None
            assert (moved.name, moved.lost) == ("v1", False)

    inside(work)


def test_what_two_interfaces_carry_chooses_none_until_one_of_them_does() -> None:
    def work() -> None:
        ip("address add 10.77.0.12/24 dev v1")
        with desk(chosen_by("10.77.0.0/24")) as d:
            assert "v0 and v1 each have an address of 10.77.0.0/24" in missing(d)
            ip("address del 10.77.0.12/24 dev v1")
            state = d.until(InterfaceChanged).state
            assert state is not None
            assert state.name == "v0"
            # A host that serves is not stopped because another has such an address, nor after an audit.
            ip("address add 10.77.0.12/24 dev v1")
            complete(d.loop, d.network._view.resync())
            complete(d.loop, d.network._view.settle())
            assert d.network._view.index("10.77.0.0/24") == state.index

    inside(work)


def test_a_vip_and_an_address_of_loopback_choose_no_interface() -> None:
    def work() -> None:
        ip("address add 10.77.0.100/32 dev v1")
        ip("address add 10.77.0.200/32 dev lo")
        with desk(chosen_by("10.77.0.0/24")) as d:
            state = d.until(InterfaceChanged).state
            assert state is not None
            assert state.name == "v0"

    inside(work)


def test_a_name_that_is_missing_is_told_with_those_that_exist() -> None:
    def work() -> None:
        for n in range(10):
            ip(f"link add p{n} type veth peer name q{n}")
        with desk(chosen_by("eth0")) as d:
            assert missing(d) == (
                "interface eth0 does not exist; there are lo, v1, v0, q0, p0, q1, p1, q2 and 15 more"
            )

    inside(work)


def test_two_routers_with_one_vrid_on_one_interface_are_known_however_they_chose_it() -> None:
    other: IPv4Interface = ip_interface("10.77.0.101/32")  # type: ignore[assignment]
    second = replace(ROUTER, name="app", interface="10.77.0.0/24", addresses=(other,))

    def work() -> None:
        with desk(ROUTER, second) as d:
            seen = d.until(VipsObserved, lambda seen: bool(seen.obstacle))
            assert seen.router == "app"
            assert seen.obstacle == "router web has VRID 51 on v0, too; choose another VRID"

    inside(work)
