"""Remove what a sidecar left behind: the verb `cleanup`, for hosts where none runs any more.

It asks by pyroute2, whose public package brings 20 MB and an event loop along: nothing to a process that ends
soon, and too much for the router (docs/adr/0019-an-event-loop-of-its-own.md).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_interface
from typing import Any, Final

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.addresses.host_networks import chosen_interfaces
from sidecar.net.addresses.writer import promote_secondaries
from sidecar.net.kernel.host_address import has_secondaries
from sidecar.net.macvlan.virtual_mac import MARK, macvlan
from sidecar.net.ownership import is_ours, kernel_marks

_IPV6: Final = 6


class SweepError(OSError):
    """Something of ours could not be removed."""


def sweep(routers: Iterable[RouterParams]) -> list[str]:
    """Remove the configured VIPs that carry our mark, and our macvlans. Return what was removed.

    Raises SweepError, OSError.
    """
    removed: list[str] = []
    with IPRoute() as kernel:
        for router in routers:
            removed += sorted(_remove_vips(kernel, router))
            removed += _remove_macvlan(kernel, router)
    return removed


def _remove_vips(kernel: Any, router: RouterParams) -> Iterator[str]:
    vips = {vip.ip for vip in router.addresses}
    links = {link["index"]: link for link in kernel.get_links()}
    segment = _segment_of(router, links.values())
    for told in kernel.get_addr():
        held = ip_interface((told.get("IFA_LOCAL") or told.get("IFA_ADDRESS"), told["prefixlen"]))
        link = links.get(told["index"])
        if held.ip not in vips or link is None or not _carries_our_mark(told):
            continue
        # Such an address is another one on each link.
        if held.version == _IPV6 and held.is_link_local and _segment(link) != segment:
            continue
        _remove(kernel, link, held)
        yield f"{held} on {link.get('IFLA_IFNAME')}"


def _remove(kernel: Any, link: Any, held: Vip) -> None:
    promoting = {link["index"]} if has_secondaries(held, link.get("IFLA_IFNAME")) else set()
    with suppress(OSError):  # then the kernel may refuse, too, what follows
        promote_secondaries(promoting, on=True)
    try:
        kernel.addr("del", index=link["index"], address=str(held.ip), prefixlen=held.network.prefixlen)
    except NetlinkError as refused:
        raise SweepError(refused.code, f"{held}: {refused}") from refused
    finally:
        with suppress(OSError):
            promote_secondaries(promoting, on=False)


def _remove_macvlan(kernel: Any, router: RouterParams) -> Iterator[str]:
    """Remove the interface of a virtual MAC, whether the file still asks for one or not any more."""
    wanted = macvlan(replace(router, virtual_mac=True))
    if wanted is None:
        return
    links = list(kernel.get_links())
    below = _segment_of(router, links)
    for link in links:
        kind = link.get("IFLA_LINKINFO")
        ours = (
            link.get("IFLA_IFNAME") == wanted.name
            and (kind is not None and kind.get("IFLA_INFO_KIND") == "macvlan")
            and link.get("IFLA_GROUP") == MARK
            and bytes.fromhex(link.get("IFLA_ADDRESS").replace(":", "")) == wanted.mac
            # Above another macvlan the segment is that of the interface below both, if it is seen here.
            and _segment(link) in (link["index"], below)
        )
        if ours:
            try:
                kernel.link("del", index=link["index"])
            except NetlinkError as refused:
                raise SweepError(refused.code, f"delete {wanted.name}: {refused}") from refused
            yield f"interface {wanted.name}"


def _carries_our_mark(told: Any) -> bool:
    return is_ours(told.get("IFA_PROTO"), told.get("IFA_FLAGS") or told["flags"], marks=kernel_marks())


def _segment_of(router: RouterParams, links: Iterable[Any]) -> int | None:
    """Return the segment of a router's interface, None if there is no such interface."""
    name = chosen_interfaces([router]).get(router.interface, router.interface)
    return next((_segment(link) for link in links if name in _names(link)), None)


def _segment(link: Any) -> int:
    """Return the index of the interface on the wire: of a macvlan that of the one below it, if it is here."""
    kind = link.get("IFLA_LINKINFO")
    stacked = kind is not None and kind.get("IFLA_INFO_KIND") == "macvlan"
    below = link.get("IFLA_LINK")
    # In a container it is in another namespace, where numbers mean others.
    elsewhere = link.get("IFLA_LINK_NETNSID") is not None
    return int(below) if stacked and below and not elsewhere else int(link["index"])


def _names(link: Any) -> Iterator[str]:
    yield link.get("IFLA_IFNAME")
    properties = link.get("IFLA_PROP_LIST")
    yield from properties.get_attrs("IFLA_ALT_IFNAME") if properties else ()
