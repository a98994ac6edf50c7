"""The interface of a virtual MAC against a real kernel: there, up while the VIPs are held, down, gone."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any, Final

import pytest

from sidecar.config.load import parse
from sidecar.config.params import node_params
from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Address
from sidecar.core.events import InterfaceChanged, PacketReceived, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.core.router.transmit import Transmitter
from sidecar.net.macvlan import MARK
from sidecar.net.sweep import sweep
from tests.kernel import packets
from tests.kernel.desk import NEVER, Desk, desk
from tests.kernel.far_end import far_end, give_ipv6
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import sender
from tests.kernel.test_addresses6 import leave_behind
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns

ROUTERS: Final = {
    4: RouterParams("web", "v0", 51, 250, (ip_interface("10.77.0.100/32"),), virtual_mac=True),
    6: RouterParams("web", "v0", 51, 250, (ip_interface("fd77::100/128"),), virtual_mac=True),
}
MACS: Final = {4: "00:00:5e:00:01:33", 6: "00:00:5e:00:02:33"}
OWN: Final[dict[int, Address]] = {4: ip_address("10.77.0.11"), 6: ip_address("fe80::11")}
BOTH: Final = pytest.mark.parametrize("family", [4, 6])


def shown(name: str) -> dict[str, Any]:
    """What `ip -d address` says of an interface, nothing if there is none."""
    done = subprocess.run(
        ["ip", "-d", "-j", "address", "show", "dev", name], check=False, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout)[0]) if done.returncode == 0 else {}


def hold(router: RouterParams) -> HoldVips:
    return HoldVips(router.name, router.vip_interface, router.addresses, 1, NEVER)


def drop(router: RouterParams) -> DropVips:
    return DropVips(router.name, router.vip_interface, router.addresses)


def until(d: Desk, true: Callable[[], bool]) -> None:
    """Hear as the daemon does until something is so."""
    ends = time.monotonic() + 5
    while not true():
        assert time.monotonic() < ends
        d.said += d.hear()
        d.rest(0.01)


def standing_by(d: Desk, router: RouterParams) -> dict[str, Any]:
    """Wait until the interface of a router is there."""
    until(d, lambda: bool(shown(router.vip_interface)))
    return shown(router.vip_interface)


def is_up(router: RouterParams) -> bool:
    return "UP" in shown(router.vip_interface)["flags"]


def addresses(router: RouterParams) -> list[str]:
    return [each["local"] for each in shown(router.vip_interface)["addr_info"]]


def ours(router: RouterParams) -> None:
    """Leave a macvlan as a sidecar leaves it that was killed: up, with our mark and the VIP."""
    assert router.mac is not None
    name, mac = router.vip_interface, router.mac.hex(":")
    ip(f"link add link v0 name {name} address {mac} group {MARK} type macvlan mode bridge")
    ip(f"link set {name} addrgenmode none")
    ip(f"link set {name} up")
    leave_behind(name, router.addresses[0])


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
            assert d.network.abandon({}) == []
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
            assert seen.obstacle == "interface vrrp4-51 exists and is not ours"
            assert seen.obstacle in str(d.hold(hold(router)).error)
            assert d.drop(drop(router)).error is None
            assert ("virtual_mac", "taken") in d.troubles
            assert d.network.abandon({}) == []
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


def test_a_replaced_card_gets_a_new_one() -> None:
    router = ROUTERS[4]

    def work() -> None:
        with desk(router) as d:
            standing_by(d, router)
            d.hold(hold(router))
            ip("link del v0")
            d.until(InterfaceChanged, lambda changed: changed.state is None)
            assert d.drop(drop(router)).error is None
            assert not shown("vrrp4-51")
            for line in ("add v0 type veth peer name v1", "set v0 up", "set v1 up"):
                ip(f"link {line}")
            ip("address add 10.77.0.11/24 dev v0")
            standing_by(d, router)
            assert d.hold(hold(router)).error is None
            assert d.network.perform(advert(router)) is None

    inside(work)


def advert(router: RouterParams) -> Any:
    """The command of a master's advertisement."""
    return Transmitter(router, None).advertise(OWN[router.family], 250, 0.0, NEVER)


@BOTH
def test_our_adverts_leave_with_the_virtual_mac_and_do_not_come_back_to_us(family: int) -> None:
    router = ROUTERS[family]

    def work() -> None:
        give_ipv6()
        with desk(router) as d:
            standing_by(d, router)
            d.hold(hold(router))
            with closing(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))) as wire:
                wire.bind(("v1", 0))
                wire.settimeout(2)
                assert d.network.perform(advert(router)) is None
                frame = wire.recv(2000)
                while not frame.endswith(advert(router).packets[0][1]):
                    frame = wire.recv(2000)
            assert frame[6:12] == router.mac
            d.rest(0.1)
            d.said += d.hear()
            assert not [event for event in d.said if isinstance(event, PacketReceived)]

    inside(work)


@BOTH
def test_a_peer_that_serves_with_the_same_mac_is_heard(family: int) -> None:
    router = ROUTERS[family]

    def work() -> None:
        give_ipv6()
        with sender() as out, desk(router) as d:
            standing_by(d, router)
            d.hold(hold(router))
            out.send(packets.advert(family, mac=router.mac or b""))
            assert d.until(PacketReceived).interface == "v0"

    inside(work)


def test_an_obstacle_is_tried_and_told_once_a_second_whatever_else_happens() -> None:
    router = ROUTERS[4]

    def work() -> None:
        ip("link add vrrp4-51 type veth peer name other")
        with desk(router) as d:
            d.until(VipsObserved)
            for n in range(50):
                ip(f"address add 10.80.0.{n}/32 dev v1")
                d.said += d.hear()
                d.rest(0.01)
            assert 1 <= d.troubles.count(("virtual_mac", "taken")) <= 3

    inside(work)


def neighbours(far: Namespace) -> dict[str, str]:
    """What the far end knows, after a look at our address and at the VIP."""
    far.ip("neigh flush all")
    for target in ("10.77.0.100", "10.77.0.11"):
        far.run("ping", "-c1", "-W1", target)
    return {each["dst"]: each["lladdr"] for each in json.loads(far.run("ip", "-j", "-4", "neigh"))}


def be_strict() -> None:
    Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("1")


@pytest.mark.parametrize("strict", [False, True])
def test_each_address_is_answered_for_by_its_own_interface_alone(strict: bool) -> None:
    """The kernel by itself answers on both for both, and with strict filtering of sources for neither VIP."""
    router = ROUTERS[4]

    def work() -> None:
        if strict:
            be_strict()
        with far_end() as far, desk(router) as d:
            standing_by(d, router)
            d.hold(replace(hold(router), lease=60))
            real = shown("v0")["address"]
            for _ in range(5):
                assert neighbours(far) == {"10.77.0.100": MACS[4], "10.77.0.11": real}

    inside(work)


def tables() -> str:
    return subprocess.run(["nft", "list", "tables"], check=True, capture_output=True, text=True).stdout


def test_nothing_that_keeps_the_interface_below_silent_survives_us() -> None:
    router = ROUTERS[4]

    def work() -> None:
        with desk(router) as d:
            standing_by(d, router)
            d.hold(hold(router))
            assert "table arp vip-sidecar-" in tables()
        assert tables() == ""

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
