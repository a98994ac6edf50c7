"""VIPs that somebody else has put on an interface of this host: which of them are in the way.

On the interface of the router they are, for nobody but their owner may remove them. On `lo` and on a dummy
interface they are on no LAN: there a web server can listen on them before this host is MASTER. IPv6 then
answers no neighbour for them. IPv4 does without `arp_ignore`, unless there is a virtual MAC, whose guard
drops the requests. On an interface to another LAN they would be answered for there.
"""

from collections.abc import Iterator
from typing import Final

from sidecar.core.events import ForeignVip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.host_address import setting
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Holds
from sidecar.net.kernel.view import KernelView
from sidecar.setting_name import setting_name

_IPV6: Final = 6
_SILENT: Final = frozenset({1, 2})
"""Values of arp_ignore with which an interface answers for its own addresses alone."""


def in_the_way(router: RouterParams, view: KernelView, holds: Holds) -> Iterator[ForeignVip]:
    """Yield those that are in the way of a router."""
    here, below = view.link(router.vip_interface), view.link(router.interface)
    # The kernel's files know an interface by one of its names alone.
    lan = router.interface if below is None else below.name
    for name, address, peer in holds.foreign:
        if not _apart(view.link(name), here):
            yield ForeignVip(name, address, peer=peer)
        elif not (address.version == _IPV6 or router.virtual_mac or _is_silent(lan)):
            yield ForeignVip(name, address, f"sysctl -w {setting_name(lan, 'arp_ignore')}=1", peer)


def _apart(link: Link | None, here: Link | None) -> bool:
    """Whether an interface is on no LAN, not even on one of macvlans above it."""
    return (
        link is not None
        and link.leads_nowhere
        and (here is None or link.index not in (here.index, here.segment))
    )


def _is_silent(interface: str) -> bool:
    return setting(interface, "arp_ignore") in _SILENT
