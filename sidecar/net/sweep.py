"""Remove what a sidecar left behind: the verb `cleanup`, for hosts where none runs any more."""

import asyncio
import time

from sidecar.config.model import Config
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
            for name, router in config.virtual_routers.items():
                owned, _ = view.holds(router.interface, router.addresses)
                answer = await addresses.drop(DropVips(name, router.interface, router.addresses))
                if answer.error is not None:
                    raise SweepError(answer.error)
                removed += [f"{vip} on {router.interface}" for vip in sorted(owned)]
    finally:
        view.close()
    return removed
