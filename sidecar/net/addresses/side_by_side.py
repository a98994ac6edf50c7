"""Which commands about VIPs may be carried out beside those for other routers, and which must be alone."""

from collections.abc import Iterable, Iterator

from sidecar.core.actions import DropVips
from sidecar.core.params import RouterParams
from sidecar.net.command_queue import TOGETHER


def is_plain(router: RouterParams) -> bool:
    """Whether commands for a router write addresses and nothing else: no virtual MAC, no packet filter."""
    return router.accepts and not router.virtual_mac


def removals(routers: Iterable[RouterParams]) -> Iterator[list[DropVips]]:
    """Yield commands that remove the VIPs of all routers: those of a list may be carried out side by side."""
    together: list[DropVips] = []
    for router in routers:
        drop = DropVips(router.name, router.vip_interface, router.addresses)
        if not is_plain(router):
            yield [drop]
            continue
        together.append(drop)
        if len(together) == TOGETHER:
            yield together
            together = []
    if together:
        yield together
