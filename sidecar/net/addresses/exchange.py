"""Steps for addresses and interfaces when a host gets other virtual routers.

One step after the other, in the queue of the commands: what was asked before is carried out with the old
parameters, what is asked later with the new ones.
"""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from functools import partial
from typing import Any

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.addresses.vips import Addresses
from sidecar.net.kernel.picture import Concerns
from sidecar.net.kernel.view import KernelView

Step = Callable[[], Coroutine[Any, Any, None]]


def steps(
    old: tuple[RouterParams, ...],
    new: tuple[RouterParams, ...],
    names: dict[str, str],
    addresses: Addresses,
    view: KernelView,
    trouble: Callable[[str, str, str], None],
) -> Iterator[Step]:
    """Yield all steps. `names`: new names of the routers that stay, by their present ones.

    VIPs that belong to no router any more are removed, if they are still there; so are interfaces of virtual
    MACs. Failures are told and left to the lease.
    """
    leaving = [
        router for router in old if router.virtual_mac and router.vip_interface not in _interfaces(new)
    ]
    yield partial(_swap, addresses, new, names)
    for interface, vips in _gone(old, new).items():
        yield partial(_told, trouble, partial(addresses.release, interface, tuple(vips)))
    for router in leaving:
        yield partial(_told, trouble, partial(addresses.retire, router))
    yield partial(_look_elsewhere, view, Concerns.of(new))


async def _swap(addresses: Addresses, new: tuple[RouterParams, ...], names: dict[str, str]) -> None:
    addresses.exchange(new, names)


async def _told(
    trouble: Callable[[str, str, str], None], work: Callable[[], Coroutine[Any, Any, str]]
) -> None:
    error = await work()
    if error:
        trouble("vip", "drop_failed", error)


async def _look_elsewhere(view: KernelView, concerns: Concerns) -> None:
    view.exchange(concerns)


def _interfaces(routers: Iterable[RouterParams]) -> set[str]:
    return {router.vip_interface for router in routers}


def _gone(old: Iterable[RouterParams], new: Iterable[RouterParams]) -> dict[str, list[Vip]]:
    """Return the VIPs, by the interface that they are on, which no router has there any more."""
    kept = {(router.vip_interface, vip.ip) for router in new for vip in router.addresses}
    gone: dict[str, list[Vip]] = {}
    for router in old:
        for vip in router.addresses:
            if (router.vip_interface, vip.ip) not in kept:
                gone.setdefault(router.vip_interface, []).append(vip)
    return gone
