"""Remove what a sidecar left behind: the verb `cleanup`, for hosts where none runs any more."""

import asyncio
import time

from sidecar.config.model import Config
from sidecar.config.params import node_params
from sidecar.core.actions import DropVips
from sidecar.net.addresses import Addresses
from sidecar.net.kernel_view import KernelView
from sidecar.net.netlink import AsyncIPRoute


class SweepError(OSError):
    """An address of ours could not be removed."""


def sweep(config: Config) -> list[str]:
    """Remove the configured VIPs that carry our mark; return them. Raises SweepError, OSError."""
    return asyncio.run(_sweep(config))


async def _sweep(config: Config) -> list[str]:
    view = KernelView()
    removed: list[str] = []
    try:
        async with AsyncIPRoute() as route:
            await view.resync(route)
            addresses = Addresses(route, view, time.monotonic)
            for router in node_params(config).routers:
                interface, vips = router.vip_interface, router.addresses
                holds = view.holds(interface, vips)
                answer = await addresses.drop(DropVips(router.name, interface, vips))
                if answer.error is not None:
                    raise SweepError(answer.error)
                found = sorted(holds.strays | {(interface, vip) for vip in holds.owned})
                removed += [f"{vip} on {name}" for name, vip in found]
    finally:
        view.close()
    return removed
