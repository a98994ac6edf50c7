"""A virtual MAC as the LAN sees it: adverts, ARP and neighbours.

Modules: net.macvlan.arp_guard, net.macvlan.router_adverts.
"""

import json
import socket
import subprocess
from contextlib import closing
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.events import InterfaceChanged, PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.router.transmit import Transmitter
from tests.kernel import packets
from tests.kernel.desk import NEVER, desk
from tests.kernel.far_end import far_end, give_ipv6
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import sender
from tests.kernel.virtual_macs import (
    BOTH,
    MACS,
    OWN,
    ROUTERS,
    addresses,
    drop,
    hold,
    shown,
    standing_by,
    until,
)
from tests.netns.lab import wait_until
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns


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
                wire.settimeout(10)
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


def neighbours(far: Namespace) -> dict[str, str]:
    """What the far end knows, after a look at our address and at the VIP."""
    far.ip("neigh flush all")
    for target in ("10.77.0.100", "10.77.0.11"):
        far.run("ping", "-c1", "-W5", target)
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


def received(name: str) -> int:
    """How many IPv6 packets an interface has received; counted before any packet filter."""
    lines = Path("/proc/thread-self/net/dev_snmp6", name).read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Ip6InReceives"))


def has_received(name: str, number: int) -> bool:
    return received(name) >= number


def formed_address(name: str, prefix: IPv6Address) -> bool:
    return any(each["local"].startswith(str(prefix)) for each in shown(name)["addr_info"])


@BOTH
def test_a_router_of_the_lan_gives_it_no_address_and_the_host_no_route_by_it(family: int) -> None:
    """The interface below obeys the same advertisement, without a link-local address of the kernel's, too."""
    router, prefix = ROUTERS[family], IPv6Address("2001:db8:5::")

    def work() -> None:
        give_ipv6()
        with sender() as out, desk(router) as d:
            standing_by(d, router)
            assert d.hold(hold(router)).error is None
            name = router.vip_interface
            # When the second one has arrived, what the first one asks for was done.
            for _ in range(2):
                number = received(name) + 1
                out.send(packets.router_advert(prefix))
                until(d, partial(has_received, name, number))
            wait_until(partial(formed_address, "v0", prefix), 5, "the interface below obeys")
            assert addresses(router) == [str(router.addresses[0].ip)]
            routes = ip("-6 route show default")
            assert "dev v0" in routes
            assert name not in routes
            assert d.drop(drop(router)).error is None
        assert tables() == ""

    inside(work)
