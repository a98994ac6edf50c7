"""The interface of a virtual MAC against a real kernel: there, up while the VIPs are held, down, gone."""

import asyncio
import json
import subprocess
import time
from ipaddress import ip_interface
from typing import Any, Final

import pytest

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.events import VipsObserved
from sidecar.core.params import RouterParams
from tests.kernel.desk import NEVER, Desk, desk
from tests.kernel.far_end import give_ipv6
from tests.kernel.own_namespace import inside

pytestmark = pytest.mark.netns

ROUTERS: Final = {
    4: RouterParams("web", "v0", 51, 250, (ip_interface("10.77.0.100/32"),), virtual_mac=True),
    6: RouterParams("web", "v0", 51, 250, (ip_interface("fd77::100/128"),), virtual_mac=True),
}
MACS: Final = {4: "00:00:5e:00:01:33", 6: "00:00:5e:00:02:33"}
NAMES: Final = {4: "vrrp4-51", 6: "vrrp6-51"}
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


async def ready(d: Desk, router: RouterParams) -> dict[str, Any]:
    """Hear as the daemon does until the interface is there."""
    async with asyncio.timeout(5):
        while True:
            d.said += d.network.hear()
            found = shown(router.vip_interface)
            if found:
                return found
            await asyncio.sleep(0.01)


@BOTH
def test_it_stands_by_down_and_is_up_with_the_vip_from_hold_to_drop(family: int) -> None:
    router = ROUTERS[family]

    async def work() -> None:
        give_ipv6()
        async with desk(router) as d:
            found = await ready(d, router)
            assert found["address"] == MACS[family]
            assert (found["linkinfo"]["info_kind"], found["linkinfo"]["info_data"]["mode"]) == (
                "macvlan",
                "bridge",
            )
            assert "UP" not in found["flags"]
            assert not found["addr_info"]
            begun = time.monotonic()
            assert (await d.hold(hold(router))).error is None
            print("hold", time.monotonic() - begun)
            assert (await d.until(VipsObserved)).owned == set(router.addresses)
            found = shown(router.vip_interface)
            assert "UP" in found["flags"]
            assert [each["local"] for each in found["addr_info"]] == [str(router.addresses[0].ip)]
            begun = time.monotonic()
            assert (await d.drop(drop(router))).error is None
            print("drop", time.monotonic() - begun)
            found = shown(router.vip_interface)
            assert "UP" not in found["flags"]
            assert not found["addr_info"]
            begun = time.monotonic()
            assert await d.network.abandon({}) == []
            print("abandon", time.monotonic() - begun)
            assert shown(router.vip_interface) == {}

    inside(work())
