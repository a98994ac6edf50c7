"""Side effects of a VIP on its host: none. Against a real kernel, with and without a real prefix."""

import socket
import subprocess
from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import VipsObserved
from tests.kernel.desk import NEVER, ROUTER, desk
from tests.kernel.far_end import far_end
from tests.kernel.own_namespace import inside, ip, set_ipv4

pytestmark = pytest.mark.netns

SUBNET: Vip = ip_interface("10.77.0.100/24")
HOST: Vip = ip_interface("10.77.0.100/32")
EITHER = pytest.mark.parametrize("vip", [SUBNET, HOST], ids=str)
OWN = "10.77.0.11"


def hold(vip: Vip, lease: int = 30) -> HoldVips:
    return HoldVips("web", "v0", (vip,), lease, not_after=NEVER)


def drop(vip: Vip) -> DropVips:
    return DropVips("web", "v0", (vip,))


def said(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def others() -> tuple[list[str], list[str]]:
    """Every IPv4 address of v0 but the VIP, and every route but the one to the VIP itself."""
    addresses = said("-o", "-4", "address", "show", "dev", "v0").splitlines()
    routes = said("-4", "route", "show", "table", "all").splitlines()
    return (
        sorted(line.split("valid_lft")[0] for line in addresses if "10.77.0.100" not in line),
        sorted(line for line in routes if "local 10.77.0.100" not in line),
    )


def source_towards(destination: str) -> str:
    """The address that a connection of this host to there would begin at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((destination, 9))
        return str(probe.getsockname()[0])


@EITHER
def test_whatever_the_file_says_the_kernel_has_a_host_address(vip: Vip) -> None:
    def work() -> None:
        before = others()
        with desk(replace(ROUTER, addresses=(vip,))) as d:
            assert d.hold(hold(vip)).error is None
            assert d.until(VipsObserved).owned == {vip}
            shown = said("-o", "-4", "address", "show", "dev", "v0")
            assert "inet 10.77.0.100/32 scope host dynamic noprefixroute" in shown
            assert others() == before
            assert d.drop(drop(vip)).error is None
            assert others() == before

    inside(work)


@EITHER
@pytest.mark.parametrize("promote", [0, 1])
def test_no_address_of_the_host_goes_with_the_vip(vip: Vip, promote: int) -> None:
    """Its own address is removed and added again while the VIP is there: as /24 the VIP was primary then."""

    def work() -> None:
        set_ipv4("promote_secondaries", promote, "v0")
        ip("address add 10.78.0.1/24 dev v0")
        before = others()
        with desk(replace(ROUTER, addresses=(vip,))) as d:
            assert d.hold(hold(vip)).error is None
            ip(f"address del {OWN}/24 dev v0")
            ip(f"address add {OWN}/24 dev v0")
            assert others() == before
            assert d.drop(drop(vip)).error is None
            assert others() == before

    inside(work)


@EITHER
@pytest.mark.parametrize("promote", [0, 1])
def test_a_vip_that_was_there_first_and_runs_out_takes_nothing_along(vip: Vip, promote: int) -> None:
    def work() -> None:
        set_ipv4("promote_secondaries", promote, "v0")
        before = others()
        ip(f"address del {OWN}/24 dev v0")
        with desk(replace(ROUTER, addresses=(vip,))) as d:
            assert d.hold(hold(vip, lease=1)).error is None
            ip(f"address add {OWN}/24 dev v0")
            d.until(VipsObserved, lambda seen: bool(seen.owned))
            d.until(VipsObserved, lambda seen: not seen.owned)
            assert others() == before

    inside(work)


@EITHER
def test_no_connection_of_the_host_begins_at_the_vip(vip: Vip) -> None:
    """Not by routes with a gateway, nor by those without one, which name no source of their own."""
    destinations = ("10.77.0.12", "10.9.0.5", "10.10.0.5", "192.0.2.1")

    def lay_routes() -> None:
        ip("route replace 10.9.0.0/24 dev v0")
        ip("route replace 10.10.0.0/24 via 10.77.0.1")
        ip("route replace default via 10.77.0.1")

    def work() -> None:
        with desk(replace(ROUTER, addresses=(vip,))) as d:
            lay_routes()
            assert d.hold(hold(vip)).error is None
            assert {source_towards(each) for each in destinations} == {OWN}
            ip(f"address del {OWN}/24 dev v0")
            ip(f"address add {OWN}/24 dev v0")
            assert {source_towards(each) for each in destinations} == {OWN}
            ip("route flush 10.9.0.0/24")
            lay_routes()
            assert {source_towards(each) for each in destinations} == {OWN}

    inside(work)


def test_where_loopback_addresses_are_routed_a_route_without_a_source_still_begins_at_the_host() -> None:
    """`route_localnet`, as container networks set it: the kernel prefers addresses of scope host there."""

    def work() -> None:
        set_ipv4("route_localnet", 1, "all")
        with desk(replace(ROUTER, addresses=(SUBNET,))) as d:
            assert d.hold(hold(SUBNET)).error is None
            assert "scope global" in said("-o", "address", "show", "to", "10.77.0.100")
            ip("route add 10.9.0.0/24 dev v0")
            assert {source_towards(each) for each in ("10.77.0.12", "10.9.0.5")} == {OWN}

    inside(work)


@EITHER
@pytest.mark.parametrize("ignore", range(4))
@pytest.mark.parametrize("announce", range(3))
def test_the_lan_reaches_the_vip_under_every_arp_setting(vip: Vip, ignore: int, announce: int) -> None:
    """It is answered for, and it answers, also to somebody whom the host itself has not met before."""

    def work() -> None:
        set_ipv4("arp_ignore", ignore, "all")
        set_ipv4("arp_announce", announce, "all")
        with far_end() as far, desk(replace(ROUTER, addresses=(vip,))) as d:
            assert d.hold(hold(vip)).error is None
            assert "1 received" in far.run("ping", "-c1", "-W2", "10.77.0.100")

    inside(work)


@EITHER
def test_a_client_behind_a_gateway_is_answered_by_the_vip(vip: Vip) -> None:
    def work() -> None:
        with far_end() as far:
            far.ip("address add 10.99.0.1/32 dev lo")
            ip("route add default via 10.77.0.12")
            with desk(replace(ROUTER, addresses=(vip,))) as d:
                assert d.hold(hold(vip)).error is None
                assert "1 received" in far.run("ping", "-c1", "-W2", "-I", "10.99.0.1", "10.77.0.100")

    inside(work)
