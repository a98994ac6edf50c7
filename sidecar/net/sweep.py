"""Remove what a sidecar left behind: the verb `cleanup`, for hosts where none runs any more."""

from collections.abc import Iterable

from sidecar.core.actions import DropVips
from sidecar.core.params import RouterParams
from sidecar.event_loop import EventLoop
from sidecar.net.addresses import Addresses
from sidecar.net.kernel_picture import Concerns
from sidecar.net.kernel_view import KernelView
from sidecar.net.task import complete
from sidecar.net.virtual_macs import VirtualMacs
from sidecar.net.workers import Workers


class SweepError(OSError):
    """Something of ours could not be removed."""


def sweep(routers: Iterable[RouterParams]) -> list[str]:
    """Remove the VIPs of these routers that carry our mark, and our macvlans. Return what was removed.

    Raises SweepError, OSError.
    """
    routers = tuple(routers)
    loop = EventLoop()
    workers = Workers(loop)
    view = KernelView(Concerns.of(routers), loop, workers)
    virtual_macs = VirtualMacs(routers, view, workers)
    addresses = Addresses(routers, view, virtual_macs, workers, loop.clock, _ignore)
    removed: list[str] = []
    try:
        complete(loop, view.settle())
        for router in routers:
            removed += complete(loop, _sweep_router(router, addresses, view, virtual_macs))
    finally:
        addresses.close()
        virtual_macs.close()
        view.close()
        workers.close()
        loop.close()
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
