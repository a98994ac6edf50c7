"""Remove what a sidecar left behind: the verb `cleanup`, for hosts where none runs any more."""

import asyncio
import time
from collections.abc import Iterable

from sidecar.core.actions import DropVips
from sidecar.core.params import RouterParams
from sidecar.net.addresses import Addresses
from sidecar.net.kernel_picture import Concerns
from sidecar.net.kernel_view import KernelView
from sidecar.net.virtual_macs import VirtualMacs


class SweepError(OSError):
    """Something of ours could not be removed."""


def sweep(routers: Iterable[RouterParams]) -> list[str]:
    """Remove the VIPs of these routers that carry our mark, and our macvlans. Return what was removed.

    Raises SweepError, OSError.
    """
    return asyncio.run(_sweep(tuple(routers)))


async def _sweep(routers: tuple[RouterParams, ...]) -> list[str]:
    view = KernelView(Concerns.of(routers))
    virtual_macs = VirtualMacs(routers, view)
    addresses = Addresses(routers, view, virtual_macs, time.monotonic, _ignore)
    removed: list[str] = []
    try:
        await view.settle()
        for router in routers:
            removed += await _sweep_router(router, addresses, view, virtual_macs)
    finally:
        addresses.close()
        virtual_macs.close()
        view.close()
    return removed


async def _sweep_router(
    router: RouterParams, addresses: Addresses, view: KernelView, virtual_macs: VirtualMacs
) -> list[str]:
    """Remove what is left of one router and name it."""
    interface, vips = router.vip_interface, router.addresses
    holds, macvlan = view.holds(interface, vips), virtual_macs.leftover(router.name)
    answer = await addresses.drop(DropVips(router.name, interface, vips))
    if answer.error is not None:
        raise SweepError(answer.error)
    unready = await virtual_macs.remove(router.name)
    if unready is not None:
        raise SweepError(unready.detail)
    found = sorted(holds.strays | {(interface, vip) for vip in holds.owned})
    return [*(f"{vip} on {name}" for name, vip in found), *([f"interface {macvlan}"] if macvlan else [])]


def _ignore(component: str, reason: str, detail: str) -> None:
    """What goes wrong here is raised, and nobody counts it."""
