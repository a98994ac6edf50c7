"""Which IPv6 addresses can be the source of adverts and connections."""

import socket
from ipaddress import ip_address

import pytest

from sidecar.core.events import InterfaceChanged, VipsObserved
from tests.kernel.addresses6 import HOLD, ROUTER, VIPS, await_shown, state_where
from tests.kernel.desk import desk
from tests.kernel.far_end import far_end, give_ipv6, set_ipv6
from tests.kernel.own_namespace import inside, ip
from tests.kernel.virtual_macs import ROUTERS, standing_by

pytestmark = pytest.mark.netns

MACVLAN = ROUTERS[6]


def source_towards(destination: str) -> str:
    """The address that a connection of this host to there would begin at."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.connect((destination, 9))
        return str(probe.getsockname()[0])


def test_connections_of_the_host_do_not_begin_at_a_vip() -> None:
    """Without the preferred lifetime of zero, the VIP would be the best match for its neighbours."""

    def work() -> None:
        give_ipv6()
        ip("address add fd77::100/128 dev v0 nodad")
        assert source_towards("fd77::101") == "fd77::100"
        ip("address del fd77::100/128 dev v0")
        with desk(ROUTER) as d:
            d.hold(HOLD)
            assert source_towards("fd77::101") == "fd77::11"

    inside(work)


def test_the_first_source_is_link_local_and_no_source_is_a_vip() -> None:
    def work() -> None:
        give_ipv6()
        ip("address add fe80::9/64 dev v0 nodad preferred_lft 0")
        with desk(ROUTER) as d:
            known = state_where(d, up=True)
            expected = ("fe80::11", "fe80::9", "10.77.0.11", "fd77::11")
            assert known.addresses == tuple(map(ip_address, expected))
            d.hold(HOLD)
            d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
            ip("link set v1 down")
            assert (state_where(d, up=False)).addresses == known.addresses

    inside(work)


def test_on_a_kernel_without_marks_leased_addresses_of_the_host_are_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As DHCP and IPv6 routers give them. Our VIPs are leased too, and still none."""

    def work() -> None:
        give_ipv6()
        ip("address change 10.77.0.11/24 dev v0 valid_lft 600 preferred_lft 600")
        ip("address change fe80::11/64 dev v0 valid_lft 600 preferred_lft 600")
        monkeypatch.setattr("sidecar.net.kernel.view.kernel_marks", lambda: False)
        with desk(ROUTER) as d:
            d.hold(HOLD)
            d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
            ip("link set v1 down")
            known = state_where(d, up=False)
            assert known.addresses == tuple(map(ip_address, ("fe80::11", "10.77.0.11", "fd77::11")))

    inside(work)


def test_the_greatest_packet_is_told_whenever_it_changes() -> None:
    def work() -> None:
        with desk() as d:
            state_where(d, mtu=1500)
            ip("link set v0 mtu 1280")
            state_where(d, mtu=1280)

    inside(work)


def test_the_greatest_packet_is_that_of_ipv6_or_the_macvlan_if_theirs_is_less() -> None:
    def work() -> None:
        give_ipv6()
        set_ipv6("mtu", 1480)
        with desk(MACVLAN) as d:
            standing_by(d, MACVLAN)
            state_where(d, mtu=1480)
            ip(f"link set {MACVLAN.vip_interface} mtu 1400")
            state_where(d, mtu=1400)

    inside(work)


def test_forwarding_is_told_whenever_it_changes() -> None:
    def work() -> None:
        with desk(ROUTER) as d:
            state_where(d, forwarding=False)
            set_ipv6("forwarding", 1)
            state_where(d, forwarding=True)
            set_ipv6("forwarding", 0, "all")
            state_where(d, forwarding=False)
            set_ipv6("forwarding", 1, "all")
            state_where(d, forwarding=True)
        with desk(ROUTER) as d:
            state_where(d, forwarding=True)

    inside(work)


def test_a_duplicate_address_is_no_source() -> None:
    def work() -> None:
        give_ipv6()
        with far_end(), desk(ROUTER) as d:
            before = d.until(InterfaceChanged, lambda seen: bool(seen.state and seen.state.up))
            ip("address add fe80::12/64 dev v0")
            await_shown("dadfailed")
            ip("address add fd77::13/64 dev v0 nodad")
            after = d.until(InterfaceChanged)
            assert before.state is not None
            assert after.state is not None
            assert set(after.state.addresses) == {*before.state.addresses, ip_address("fd77::13")}

    inside(work)
