"""Routers with a virtual MAC, and how their interfaces stand."""

import json
import subprocess
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_interface
from typing import Any, Final

import pytest

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.net.macvlan.virtual_mac import MARK
from tests.kernel.addresses6 import leave_behind
from tests.kernel.desk import NEVER, Desk
from tests.kernel.own_namespace import ip

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
    return HoldVips(router.name, router.vip_interface, router.addresses, 60, NEVER)


def drop(router: RouterParams) -> DropVips:
    return DropVips(router.name, router.vip_interface, router.addresses)


def until(d: Desk, true: Callable[[], bool]) -> None:
    """Hear as the daemon does until something is so."""
    ends = time.monotonic() + 30
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
