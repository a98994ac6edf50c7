"""A virtual MAC as the LAN sees it: adverts, ARP and neighbours.

Modules: net.macvlan.arp_guard.
"""

import json
import socket
import subprocess
from contextlib import closing
from dataclasses import replace
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
from tests.kernel.virtual_macs import BOTH, MACS, OWN, ROUTERS, drop, hold, shown, standing_by
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
