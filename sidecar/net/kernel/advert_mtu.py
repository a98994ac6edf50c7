"""The greatest packet that an advertisement may be: each interface by which one leaves has its own limit.

With a virtual MAC adverts leave by the macvlan, and resignations by the interface below. Linux lowers the
MTU of a macvlan with that of the interface below, and does not raise it again.
"""

from collections.abc import Callable, Iterable

from sidecar.core.params import RouterParams
from sidecar.net.kernel.link import Link


def ways_out(routers: Iterable[RouterParams]) -> dict[str, frozenset[str]]:
    """Return, by the interface of routers, the names of all interfaces by which their packets leave.

    Unicast goes where the routes go, which are those of the interface below a macvlan.
    """
    ways: dict[str, frozenset[str]] = {}
    for router in routers:
        names = {router.interface, router.vip_interface if router.unicast is None else router.interface}
        ways[router.interface] = ways.get(router.interface, frozenset()) | names
    return ways


def advert_mtu(interfaces: Iterable[str], link: Callable[[str], Link | None]) -> int:
    """Return the least MTU in bytes of those of the interfaces that exist, 0 if none is known."""
    found = [each for interface in interfaces if (each := link(interface)) is not None]
    return min((each.least_mtu for each in found if each.least_mtu), default=0)
