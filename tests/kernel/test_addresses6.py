"""IPv6 VIPs, and VIPs in unexpected places, against a real kernel."""

import re
import time
from contextlib import closing
from dataclasses import replace
from ipaddress import IPv6Address, ip_address, ip_interface
from statistics import median

import pytest

from sidecar.config.load import parse
from sidecar.config.params import node_params
from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.events import ForeignVip, InterfaceChanged, VipsObserved
from sidecar.core.params import KERNEL_EXPIRY, RouterParams
from sidecar.core.wire.ndp import unsolicited
from sidecar.net.addresses.sweep import sweep
from sidecar.net.task import complete
from sidecar.net.vrrp.frames import FrameSocket
from tests.kernel.addresses6 import (
    DROP,
    FOREVER,
    GLOBAL,
    HOLD,
    LOCAL,
    NOPREFIXROUTE,
    ROUTER,
    VIPS,
    leave_behind,
    places,
    shown,
    state_where,
)
from tests.kernel.desk import NEVER, desk
from tests.kernel.far_end import far_end, give_ipv6, set_ipv6
from tests.kernel.own_namespace import inside, ip, left_of_leases
from tests.lateness import Lateness
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns


def test_vips_are_leased_deprecated_without_a_route_and_without_detection() -> None:
    def work() -> None:
        give_ipv6()
        with desk(ROUTER) as d:
            assert d.hold(HOLD).error is None
            d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
            for vip, scope in ((GLOBAL, "global"), (LOCAL, "link")):
                line = next(line for line in shown().splitlines() if str(vip) in line)
                assert f"scope {scope} nodad deprecated dynamic noprefixroute" in line
                assert re.search(r"valid_lft (30|2\d)sec preferred_lft 0sec", line), line
            assert d.hold(replace(HOLD, lease=60)).error is None
            assert sum(seconds > 30 for seconds in left_of_leases(shown())) == 2
            assert d.drop(DROP).error is None
            d.until(VipsObserved, lambda seen: not seen.owned)
            assert "::100" not in shown()

    inside(work)


@pytest.mark.timing
def test_without_renewal_the_kernel_alone_removes_them(lateness: Lateness) -> None:
    def work() -> None:
        give_ipv6()
        late = []
        with desk(ROUTER) as d:
            for _ in range(3):
                asked = d.hold(replace(HOLD, lease=1)).asked_at
                d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
                d.until(VipsObserved, lambda seen: not seen.owned)
                late.append(time.monotonic() - asked - 1)
        assert min(late) >= -0.05
        assert median(late) <= KERNEL_EXPIRY + lateness()

    inside(work)


def test_a_link_that_goes_down_takes_the_vips_along() -> None:
    def work() -> None:
        give_ipv6()
        with desk(ROUTER) as d:
            d.hold(HOLD)
            d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
            ip("link set v0 down")
            assert not d.until(VipsObserved).owned
            assert (state_where(d, up=False)).addresses == (ip_address("10.77.0.11"),)

    inside(work)


def test_disabled_ipv6_is_named_and_enabling_it_is_enough() -> None:
    def work() -> None:
        set_ipv6("disable_ipv6", 1)
        with desk(ROUTER) as d:
            known = state_where(d, addresses=(ip_address("10.77.0.11"),))
            assert "`sysctl -w net.ipv6.conf.v0.disable_ipv6=0`" in known.no_ipv6
            refused = d.hold(HOLD).error
            assert (
                refused
                == "fe80::100/128, fd77::100/128: IPv6 is disabled on v0 (net.ipv6.conf.v0.disable_ipv6)"
            )
            assert d.drop(DROP).error is None
            set_ipv6("disable_ipv6", 0)
            give_ipv6()
            everything = tuple(map(ip_address, ("fe80::11", "10.77.0.11", "fd77::11")))
            assert state_where(d, addresses=everything).no_ipv6 == ""
            assert d.hold(HOLD).error is None
            assert d.until(VipsObserved, lambda seen: len(seen.owned) == 2).owned == set(VIPS)

    inside(work)


def test_an_mtu_too_small_for_ipv6_takes_the_vips_along_and_dropping_them_succeeds() -> None:
    def work() -> None:
        give_ipv6()
        with desk(ROUTER) as d:
            d.hold(HOLD)
            d.until(VipsObserved, lambda seen: seen.owned == set(VIPS))
            ip("link set v0 mtu 1000")
            d.until(VipsObserved, lambda seen: not seen.owned)
            assert d.drop(DROP).error is None
            # The request may also be on its way already when that happens.
            assert complete(d.loop, d.network._addresses._remove([("v0", GLOBAL)])) is None
            assert d.hold(HOLD).error == "fe80::100/128, fd77::100/128: no IPv6 on v0 (an MTU below 1280?)"

    inside(work)


def test_a_vip_that_another_host_answers_for_is_a_duplicate() -> None:
    """Ours skip the detection, so this takes somebody who puts such a VIP in its place, and for ever."""

    def work() -> None:
        give_ipv6()
        with far_end() as far:
            far.ip("address add fd77::100/128 dev v1 nodad")
            with desk(ROUTER) as d:
                leave_behind("v0", GLOBAL, NOPREFIXROUTE, FOREVER)
                assert d.until(VipsObserved).owned == {GLOBAL}
                d.until(VipsObserved, lambda seen: seen.owned == seen.duplicate == {GLOBAL})
                assert d.hold(HOLD).error == "another host answers for fd77::100/128"
                assert d.drop(DROP).error is None
                assert d.until(VipsObserved) == VipsObserved("web6", frozenset())

    inside(work)


@pytest.mark.parametrize(
    ("vip", "place", "left"),
    [
        ("fd77::100/128", "v1", "fd77::100/128"),
        ("fd77::100/128", "above", "fd77::100/128"),
        ("fd77::100/128", "v0", "fd77::100/64"),
        ("fe80::100/128", "above", "fe80::100/128"),
        ("10.77.0.100/32", "v1", "10.77.0.100/32"),
        ("10.77.0.100/32", "v0", "10.77.0.100/24"),
    ],
)
def test_a_vip_that_we_left_in_another_place_is_not_foreign_and_is_moved(
    vip: str, place: str, left: str
) -> None:
    """Left by a life in which virtual_mac, the interface or the prefix length were configured otherwise."""
    where = ip_interface(vip)
    router = replace(ROUTER, addresses=(where,))

    def work() -> None:
        give_ipv6()
        ip("link add above link v0 type macvlan mode bridge")
        leave_behind(place, ip_interface(left))
        with desk(router) as d:
            d.until(InterfaceChanged)
            assert not [event for event in d.said if isinstance(event, VipsObserved)]
            assert d.hold(replace(HOLD, vips=(where,))).error is None
            assert d.until(VipsObserved).owned == {where}
            assert places(where) == [("v0", vip)]

    inside(work)


def test_dropping_removes_our_vips_wherever_they_are_and_those_of_nobody_else() -> None:
    def work() -> None:
        give_ipv6()
        ip("address add fd77::100/128 dev v0 nodad")
        leave_behind("v1", GLOBAL)
        with desk(ROUTER) as d:
            assert d.until(VipsObserved) == VipsObserved(
                "web6", frozenset(), frozenset({ForeignVip("v0", GLOBAL)})
            )
            assert d.drop(DROP).error is None
            assert "fd77::100" not in shown("v1")
            assert "fd77::100" in shown("v0")

    inside(work)


def test_a_link_local_vip_of_another_link_is_another_address() -> None:
    """Two routers can have fe80::100, each on a link of its own: neither takes it from the other."""
    here = RouterParams("here", "v0", 52, 250, (LOCAL,))
    there = RouterParams("there", "v1", 52, 250, (LOCAL,))

    def work() -> None:
        give_ipv6()
        with desk(here, there) as d:
            for router in (here, there):
                hold = HoldVips(router.name, router.interface, (LOCAL,), 30, NEVER)
                assert d.hold(hold).error is None
                assert d.until(VipsObserved) == VipsObserved(router.name, frozenset({LOCAL}))
            d.drop(DropVips("there", "v1", (LOCAL,)))
            assert "fe80::100" in shown("v0")
            assert "fe80::100" not in shown("v1")

    inside(work)


CONFIGURATION = """
node: a
virtual_routers:
  web: {interface: v0, vrid: 51, priority: 250, addresses: [10.77.0.100/32]}
http: {listen: "127.0.0.1:9650"}
"""


def test_cleanup_names_every_place_that_it_removed_a_vip_from() -> None:
    vip = ip_interface("10.77.0.100/32")

    def work() -> None:
        leave_behind("v0", vip)
        leave_behind("v1", vip)
        routers = node_params(parse(CONFIGURATION, "sidecar.yaml", {}, "a").config).routers
        expected = ["10.77.0.100/32 on v0", "10.77.0.100/32 on v1"]
        assert sweep(routers) == expected
        assert sweep(routers) == []

    inside(work)


@pytest.mark.parametrize("vip", ["fd77::100", "fe80::100"])
def test_a_neighbour_moves_to_where_an_announcement_says(vip: str) -> None:
    """The neighbour has just talked to the VIP where it was: its entry is fresh and still replaced."""
    elsewhere = "02:00:00:00:00:99"

    def entry(far: Namespace) -> str:
        return far.run("ip", "-6", "neigh", "show", vip, "dev", "v1")

    def work() -> None:
        give_ipv6()
        frames = FrameSocket()
        with far_end() as far, closing(frames), desk(ROUTER) as d:
            d.hold(HOLD)
            far.run("ping", "-c1", "-W2", "-I", "v1", vip)
            state = state_where(d, up=True)
            assert f"lladdr {state.mac.hex(':')} " in entry(far)
            for router in (True, False):
                mac = bytes.fromhex(elsewhere.replace(":", ""))
                frames.send("v0", unsolicited(IPv6Address(vip), mac, router=router))
                assert f"lladdr {elsewhere} " in entry(far)
                assert (" router " in entry(far)) is router

    inside(work)
