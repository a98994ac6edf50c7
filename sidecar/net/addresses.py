"""Adding, renewing and removing the VIPs: the only code that changes addresses.

An address is added with a finite valid lifetime, our mark, and no route of its own. What carries
another mark is never changed: adding on top of it is refused, removing passes it by.
"""

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.events import ActionExpired, VipsDropped, VipsHeld
from sidecar.core.params import Vip
from sidecar.net.kernel_view import KernelView
from sidecar.net.mark import PROTO
from sidecar.net.netlink import AsyncIPRoute, NetlinkError

TIMEOUT: Final = 0.5
"""Seconds the kernel has to answer one command; less than the patience of the core."""

_NOPREFIXROUTE: Final = 0x200
_NODAD: Final = 0x02
_IPV6: Final = 6
_GONE: Final = frozenset({errno.EADDRNOTAVAIL, errno.ENODEV, errno.ESRCH})


class Addresses:
    """Carries out commands about VIPs one after the other and answers each with exactly one event."""

    def __init__(self, route: AsyncIPRoute, view: KernelView, clock: Callable[[], float]) -> None:
        self._route = route
        self._view = view
        self._clock = clock

    async def hold(self, command: HoldVips) -> VipsHeld | ActionExpired:
        """Add or renew every VIP of a router."""
        asked_at = self._clock()
        if asked_at > command.not_after:
            return ActionExpired(command.router, "HoldVips", asked_at - command.not_after)
        try:
            async with asyncio.timeout(TIMEOUT):
                error = await self._hold_all(command)
        except TimeoutError:
            error = f"the kernel did not answer within {TIMEOUT} s"
        return VipsHeld(command.router, asked_at, error)

    async def drop(self, command: DropVips) -> VipsDropped:
        """Remove every VIP of a router that is ours."""
        try:
            async with asyncio.timeout(TIMEOUT):
                error = await self._drop_all(command)
        except TimeoutError:
            error = f"the kernel did not answer within {TIMEOUT} s"
        return VipsDropped(command.router, error)

    async def _hold_all(self, command: HoldVips) -> str | None:
        await self._refresh()
        index = self._view.index(command.interface)
        if index is None:
            return f"interface {command.interface} does not exist"
        owned, foreign = self._view.holds(command.interface, command.vips)
        if foreign:
            return f"{', '.join(map(str, foreign))} was added by somebody else"
        try:
            for vip in command.vips:
                await self._put("replace" if vip in owned else "add", index, vip, command.lease)
        except NetlinkError as refused:
            return f"{vip}: {refused}"
        return None

    async def _put(self, verb: str, index: int, vip: Vip, lease: int) -> None:
        flags = _NOPREFIXROUTE | (_NODAD if vip.version == _IPV6 else 0)
        await self._route.addr(
            verb,
            index=index,
            address=str(vip.ip),
            prefixlen=vip.network.prefixlen,
            proto=PROTO,
            flags=flags,
            IFA_CACHEINFO={"ifa_preferred": lease, "ifa_valid": lease},
        )

    async def _drop_all(self, command: DropVips) -> str | None:
        await self._refresh()
        index = self._view.index(command.interface)
        if index is None:
            return None
        owned, _ = self._view.holds(command.interface, command.vips)
        errors = [error for vip in owned if (error := await self._remove(index, vip))]
        return "; ".join(errors) or None

    async def _remove(self, index: int, vip: Vip) -> str | None:
        try:
            await self._route.addr("del", index=index, address=str(vip.ip), prefixlen=vip.network.prefixlen)
        except NetlinkError as refused:
            return None if refused.code in _GONE else f"{vip}: {refused}"
        return None

    async def _refresh(self) -> None:
        self._view.catch_up()
        if self._view.stale:
            with suppress(NetlinkError):
                await self._view.resync(self._route)
