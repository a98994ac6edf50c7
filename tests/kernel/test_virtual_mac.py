"""The interface of a virtual MAC against a real kernel: there, up while the VIPs are held, down, gone.

Modules: cli.cleanup, net.macvlan.virtual_mac, net.addresses.sweep, net.macvlan.virtual_macs.
"""

import threading
import time
from collections.abc import Coroutine
from dataclasses import replace

import pytest

from sidecar.config.load import parse
from sidecar.config.params import node_params
from sidecar.core.events import InterfaceChanged, VipsObserved
from sidecar.net.addresses.sweep import sweep
from sidecar.net.macvlan.virtual_mac import MARK
from sidecar.net.network import Left
from tests.kernel.desk import desk
from tests.kernel.far_end import give_ipv6
from tests.kernel.own_namespace import inside, ip
from tests.kernel.virtual_macs import (
    BOTH,
    MACS,
    ROUTERS,
    addresses,
    drop,
    hold,
    is_up,
    ours,
    shown,
    standing_by,
    until,
)

pytestmark = pytest.mark.netns


@BOTH
def test_it_stands_by_down_and_is_up_with_the_vip_from_hold_to_drop(family: int) -> None:
    router = ROUTERS[family]

    def work() -> None:
        give_ipv6()
        with desk(router) as d:
            found = standing_by(d, router)
            kind, mode = found["linkinfo"]["info_kind"], found["linkinfo"]["info_data"]["mode"]
            assert (found["address"], kind, mode) == (MACS[family], "macvlan", "bridge")
            assert not is_up(router)
            assert d.hold(hold(router)).error is None
            assert d.until(VipsObserved).owned == set(router.addresses)
            assert is_up(router)
            assert addresses(router) == [str(router.addresses[0].ip)]
            assert shown(router.vip_interface)["ifalias"] == "vip-sidecar, virtual router web"
            assert d.drop(drop(router)).error is None
            assert not is_up(router)
            assert not addresses(router)
            assert d.network.abandon({}) == Left()
            assert not shown(router.vip_interface)

    inside(work)


@BOTH
def test_what_a_killed_life_left_is_taken_over_and_set_down(family: int) -> None:
    router = ROUTERS[family]

    def work() -> None:
        give_ipv6()
        ours(router)
        left = shown(router.vip_interface)["ifindex"]
        with desk(router) as d:
            d.until(InterfaceChanged)
            assert d.drop(drop(router)).error is None
            assert not is_up(router)
            assert not addresses(router)
            assert d.hold(hold(router)).error is None
            assert shown(router.vip_interface)["ifindex"] == left

    inside(work)


@BOTH
def test_it_moves_with_the_interface_of_its_router(family: int) -> None:
    router = ROUTERS[family]
    elsewhere = replace(router, interface="v1")

    def work() -> None:
        give_ipv6()
        with desk(router) as d:
            standing_by(d, router)
            assert d.hold(hold(router)).error is None
            assert d.drop(drop(router)).error is None
            d.network.exchange((elsewhere,))
            until(d, lambda: shown(router.vip_interface).get("link") == "v1")
            assert not is_up(router)
            assert d.hold(hold(elsewhere)).error is None
            assert addresses(router) == [str(router.addresses[0].ip)]
            assert d.network.abandon({}) == Left()
            assert not shown(router.vip_interface)

    inside(work)


def test_an_interface_that_is_not_removed_in_time_is_no_vip_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    router, answered = ROUTERS[4], threading.Event()

    def work() -> None:
        with desk(router) as d:
            standing_by(d, router)
            assert d.hold(hold(router)).error is None
            remove = d.network._addresses.remove_interface

            def kept_waiting(router: str) -> Coroutine[None, None, str]:
                d.network._workers.requests.submit(answered.wait)
                return remove(router)

            monkeypatch.setattr(d.network._addresses, "remove_interface", kept_waiting)
            try:
                assert d.network.abandon({}) == Left((), ("web: the kernel did not answer in time",))
                assert not addresses(router)
            finally:
                answered.set()

    inside(work)


@pytest.mark.parametrize(
    "somebodys",
    [
        "link add vrrp4-51 type veth peer name other",
        "link add link v0 name vrrp4-51 address 00:00:5e:00:01:33 type macvlan mode bridge",
        f"link add link v0 name vrrp4-51 address 02:00:00:00:00:01 group {MARK} type macvlan mode bridge",
        f"link add link v1 name vrrp4-51 address 00:00:5e:00:01:33 group {MARK} type macvlan mode bridge",
    ],
    ids=["another kind", "without our mark", "another MAC", "above another interface"],
)
def test_an_interface_of_somebody_else_is_an_obstacle_is_not_touched_and_is_waited_for(
    somebodys: str,
) -> None:
    router = ROUTERS[4]

    def work() -> None:
        ip(somebodys)
        before = shown("vrrp4-51")
        with desk(router) as d:
            seen = d.until(VipsObserved)
            mend = "`ip link delete vrrp4-51` removes it"
            assert seen.obstacle == f"interface vrrp4-51 exists and is not ours: {mend}"
            assert seen.obstacle in str(d.hold(hold(router)).error)
            assert d.drop(drop(router)).error is None
            assert ("virtual_mac", "taken") in d.troubles
            assert d.network.abandon({}) == Left()
            assert shown("vrrp4-51") == before
        with desk(router) as d:
            d.until(VipsObserved)
            ip("link del vrrp4-51")
            assert d.until(VipsObserved).obstacle == ""
            assert d.hold(hold(router)).error is None

    inside(work)


def test_an_interface_that_can_carry_no_macvlan_is_an_obstacle_until_it_can() -> None:
    router = ROUTERS[4]

    def work() -> None:
        ip("link add br0 type bridge")
        ip("link set v0 master br0")
        with desk(router) as d:
            assert "is in use in another way" in d.until(VipsObserved).obstacle
            assert ("virtual_mac", "create") in d.troubles
            ip("link set v0 nomaster")
            assert d.until(VipsObserved).obstacle == ""
            assert d.hold(hold(router)).error is None

    inside(work)


def test_a_mac_that_another_macvlan_uses_is_refused_by_name() -> None:
    """Two containers on one parent interface cannot have the same MAC address at a time."""
    router = ROUTERS[4]

    def work() -> None:
        ip("link add link v0 name other address 00:00:5e:00:01:33 type macvlan mode bridge")
        ip("link set other up")
        with desk(router) as d:
            standing_by(d, router)
            assert "has the same MAC address" in str(d.hold(hold(router)).error)
            assert ("virtual_mac", "enable") in d.troubles
            assert not addresses(router)
            ip("link set other down")
            assert d.hold(hold(router)).error is None

    inside(work)


@BOTH
@pytest.mark.parametrize("deed", ["set {} down", "del {}"], ids=["down", "del"])
def test_set_down_or_deleted_by_hand_it_counts_as_lost_and_is_put_back(family: int, deed: str) -> None:
    router = ROUTERS[family]

    def work() -> None:
        give_ipv6()
        with desk(router) as d:
            standing_by(d, router)
            d.hold(hold(router))
            d.until(VipsObserved, lambda seen: bool(seen.owned))
            ip(f"link {deed}".format(router.vip_interface))
            assert not d.until(VipsObserved).owned
            assert d.hold(hold(router)).error is None
            assert d.until(VipsObserved).owned == set(router.addresses)
            assert is_up(router)
            assert addresses(router) == [str(router.addresses[0].ip)]

    inside(work)


def test_an_obstacle_is_tried_and_told_once_a_second_whatever_else_happens() -> None:
    router = ROUTERS[4]

    def work() -> None:
        ip("link add vrrp4-51 type veth peer name other")
        began = time.monotonic()
        with desk(router) as d:
            d.until(VipsObserved)
            for n in range(50):
                ip(f"address add 10.80.0.{n}/32 dev v1")
                d.said += d.hear()
                d.rest(0.01)
            assert 1 <= d.troubles.count(("virtual_mac", "taken")) <= 2 + time.monotonic() - began

    inside(work)


@pytest.mark.parametrize("still", ["true", "false"])
def test_cleanup_removes_what_a_killed_life_left(still: str) -> None:
    """Whether the file still asks for a virtual MAC or not any more."""
    router = ROUTERS[4]
    text = (
        "node: a\nvirtual_routers:\n  web: {interface: v0, vrid: 51, priority: 250, "
        f"addresses: [10.77.0.100/32], virtual_mac: {still}}}\n"
    )

    def work() -> None:
        ours(router)
        routers = node_params(parse(text, "sidecar.yaml", {}, "a").config).routers
        assert sweep(routers) == ["10.77.0.100/32 on vrrp4-51", "interface vrrp4-51"]
        assert not shown("vrrp4-51")
        assert sweep(routers) == []

    inside(work)


def test_a_life_without_a_virtual_mac_removes_the_interface_of_the_one_before() -> None:
    router = ROUTERS[4]

    def work() -> None:
        ours(router)
        with desk(replace(router, virtual_mac=False)) as d:
            d.until(InterfaceChanged)
            assert d.drop(drop(replace(router, virtual_mac=False))).error is None
            assert not shown("vrrp4-51")

    inside(work)


def test_two_routers_have_one_each() -> None:
    four, six = ROUTERS[4], replace(ROUTERS[6], name="web6")

    def work() -> None:
        give_ipv6()
        with desk(four, six) as d:
            for router in (four, six):
                standing_by(d, router)
                assert d.hold(hold(router)).error is None
            assert is_up(four)
            assert is_up(six)
            assert d.drop(drop(four)).error is None
            assert not is_up(four)
            assert addresses(six)

    inside(work)
