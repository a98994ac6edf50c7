"""IPv6 addresses of an interface, and those of an earlier process."""

import socket
import subprocess
import time
from ipaddress import ip_interface

from pyroute2 import IPRoute

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import InterfaceChanged, InterfaceState
from sidecar.core.params import RouterParams
from sidecar.net.ownership import PROTO
from tests.kernel.desk import NEVER, Desk

GLOBAL: Vip = ip_interface("fd77::100/128")

LOCAL: Vip = ip_interface("fe80::100/128")

VIPS = (LOCAL, GLOBAL)

ROUTER = RouterParams("web6", "v0", 52, 250, VIPS)

HOLD = HoldVips("web6", "v0", VIPS, 30, not_after=NEVER)

DROP = DropVips("web6", "v0", VIPS)

NODAD = 0x02

NOPREFIXROUTE = 0x200

FOREVER = 0xFFFFFFFF


def addresses(*words: str) -> str:
    command = ["ip", "-o", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def shown(interface: str = "v0") -> str:
    return addresses("-6", "address", "show", "dev", interface)


def places(vip: Vip) -> list[tuple[str, str]]:
    """Where an address is, with which prefix length."""
    lines = [line.split() for line in addresses("address").splitlines()]
    return [(words[1], words[3]) for words in lines if words[3].startswith(f"{vip.ip}/")]


def await_shown(text: str) -> None:
    ends = time.monotonic() + 30
    while text not in shown():
        assert time.monotonic() < ends
        time.sleep(0.05)


def leave_behind(interface: str, vip: Vip, flags: int = NODAD | NOPREFIXROUTE, lease: int = 60) -> None:
    """Add an address as a sidecar would have done it that has died since."""
    with IPRoute() as route:
        route.addr(
            "add",
            index=socket.if_nametoindex(interface),
            address=str(vip.ip),
            prefixlen=vip.network.prefixlen,
            proto=PROTO,
            flags=flags if vip.version == 6 else NOPREFIXROUTE,
            IFA_CACHEINFO={"ifa_preferred": 0 if vip.version == 6 else lease, "ifa_valid": lease},
        )


def state_where(d: Desk, **wanted: object) -> InterfaceState:
    """Wait until the interface is known to be like this."""

    def matches(changed: InterfaceChanged) -> bool:
        return all(getattr(changed.state, name, None) == value for name, value in wanted.items())

    state = d.until(InterfaceChanged, matches).state
    assert state is not None
    return state
