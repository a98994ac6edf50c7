"""Adding, renewing and removing the VIPs: the only code that changes addresses.

An address is added as a host address (host_address.py) with a finite valid lifetime and our mark. What
carries another mark is never changed: adding on top of it is refused, removing passes it by.

An IPv6 address is added without duplicate address detection, which would cost a second and the
VIP, and as deprecated: no connection of the host begins at it while there is another to begin at.

VIPs with a virtual MAC are on an interface of their own, which is up while they are held.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address_faults import foreign_vips
from sidecar.core.events import ActionExpired, VipsDropped, VipsHeld
from sidecar.core.params import RouterParams, Vip
from sidecar.net.foreign_vips import in_the_way
from sidecar.net.host_address import host_address, scope
from sidecar.net.kernel_picture import Holds
from sidecar.net.kernel_view import KernelView
from sidecar.net.mark import PROTO
from sidecar.net.netlink import AsyncIPRoute, NetlinkError
from sidecar.net.virtual_macs import Unready, VirtualMacs

if TYPE_CHECKING:
    from sidecar.net.accept_mode import AcceptMode

TIMEOUT: Final = 0.5
"""Seconds the kernel has to answer one command; less than the patience of the core."""

_NOPREFIXROUTE: Final = 0x200
_NODAD: Final = 0x02
_IPV6: Final = 6
_GONE: Final = frozenset({errno.EADDRNOTAVAIL, errno.ENODEV, errno.ENXIO, errno.ESRCH})
"""No such address, interface, IPv6 on the interface: what shall be removed is not there."""


class Addresses:
    """Carries out commands about VIPs one after the other and answers each with exactly one event."""

    def __init__(
        self,
        routers: Iterable[RouterParams],
        route: AsyncIPRoute,
        view: KernelView,
        virtual_macs: VirtualMacs,
        clock: Callable[[], float],
        trouble: Callable[[str, str, str], None],
    ) -> None:
        self._routers = {router.name: router for router in routers}
        self._route = route
        self._view = view
        self._virtual_macs = virtual_macs
        self._clock = clock
        self._trouble = trouble
        self._accept_mode: AcceptMode | None = None

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
        except OSError as refused:
            error = f"the kernel cannot be read: {refused}"
        return VipsHeld(command.router, asked_at, error)

    async def drop(self, command: DropVips) -> VipsDropped:
        """Remove every VIP of a router that is ours."""
        removed: set[Vip] = set()
        try:
            async with asyncio.timeout(TIMEOUT):
                error = await self._drop_all(command, removed)
        except TimeoutError:
            error = f"the kernel did not answer within {TIMEOUT} s"
        except OSError as refused:
            error = f"the kernel cannot be read: {refused}"
        return VipsDropped(command.router, error, frozenset(removed))

    async def provide(self, router: str) -> str:
        """Make ready what the VIPs of a router will need. Return why that is impossible, or ""."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._view.settle()
                return self._said(await self._virtual_macs.provide(router)) or ""
        except TimeoutError:
            return f"the kernel did not answer within {TIMEOUT} s"
        except OSError as refused:
            return f"the kernel cannot be read: {refused}"

    def close(self) -> None:
        """Remove the packet filters."""
        if self._accept_mode is not None:
            self._accept_mode.close()

    async def _hold_all(self, command: HoldVips) -> str | None:
        holds = self._view.holds(command.interface, command.vips)
        # What is held for certain is renewed at once, whatever else there is to be read.
        if not holds.owned.issuperset(command.vips):
            holds = await self._view.holds_now(command.interface, command.vips)
        foreign = tuple(in_the_way(self._routers[command.router], self._view, holds))
        if foreign:
            return foreign_vips(command.interface, foreign)
        if holds.duplicate:
            return f"another host answers for {_listed(holds.duplicate)}"
        unready = (
            await self._remove_strays(holds)
            or await self._set_accept_mode(command)
            or self._said(await self._virtual_macs.enable(command.router))
        )
        if unready is not None:
            return unready
        link = self._view.link(command.interface)
        if link is None:
            return f"interface {command.interface} does not exist"
        for vip in command.vips:
            verb = "replace" if vip in holds.owned else "add"
            error = await self._put(verb, link.name, link.index, vip, command.lease)
            if error is not None:
                return error
        return None

    async def _set_accept_mode(self, command: HoldVips) -> str | None:
        """See to it that packets to the VIPs are dropped, if so, before there are VIPs to send to."""
        if command.accept:
            self._accept(command.router)
            return None
        if self._accept_mode is None:
            from sidecar.net.accept_mode import AcceptMode  # noqa: PLC0415 - few need it

            self._accept_mode = AcceptMode()
        try:
            await self._accept_mode.refuse(command.router, self._name(command.interface), command.vips)
        except OSError as refused:
            return f"packets to the VIP cannot be filtered (nf_tables: {refused.strerror})"
        return None

    def _name(self, interface: str) -> str:
        """Return what the kernel calls an interface that the configuration may have chosen otherwise."""
        link = self._view.link(interface)
        return interface if link is None else link.name

    def _accept(self, router: str) -> None:
        if self._accept_mode is not None:
            self._accept_mode.accept(router)

    async def _put(self, verb: str, interface: str, index: int, vip: Vip, lease: int) -> str | None:
        ipv6 = vip.version == _IPV6
        try:
            await self._route.addr(
                verb,
                index=index,
                address=str(vip.ip),
                prefixlen=vip.max_prefixlen,
                scope=scope(vip, self._name(interface)),
                proto=PROTO,
                flags=_NOPREFIXROUTE | (_NODAD if ipv6 else 0),
                IFA_CACHEINFO={"ifa_preferred": 0 if ipv6 else lease, "ifa_valid": lease},
            )
        except NetlinkError as refused:
            return f"{vip}: {_why_not(refused.code, vip, interface)}"
        return None

    async def _drop_all(self, command: DropVips, removed: set[Vip]) -> str | None:
        """Remove them, and note those that were there."""
        holds = await self._view.holds_now(command.interface, command.vips)
        removed |= holds.owned | {vip for _, vip in holds.strays}
        errors = [await self._remove(command.interface, host_address(vip)) for vip in holds.owned]
        errors.append(await self._remove_strays(holds))
        errors.append(self._said(await self._virtual_macs.disable(command.router)))
        failed = "; ".join(error for error in errors if error)
        if failed:
            return failed
        self._accept(command.router)
        return None

    async def _remove_strays(self, holds: Holds) -> str | None:
        """Remove what earlier lives left, and nothing that another router of ours holds where it belongs."""
        strays = [place for place in holds.strays if not self._belongs(*place)]
        errors = [await self._remove(interface, vip) for interface, vip in strays]
        return "; ".join(error for error in errors if error) or None

    def _belongs(self, interface: str, held: Vip) -> bool:
        """Whether any of our routers puts this address on this interface."""
        link = self._view.link(interface)
        return any(
            self._view.link(router.vip_interface) is link and held in map(host_address, router.addresses)
            for router in self._routers.values()
        )

    async def _remove(self, interface: str, vip: Vip) -> str | None:
        index = self._view.index(interface)
        if index is None:
            return None
        try:
            await self._route.addr("del", index=index, address=str(vip.ip), prefixlen=vip.network.prefixlen)
        except NetlinkError as refused:
            return None if refused.code in _GONE else f"{vip} on {interface}: {os.strerror(refused.code)}"
        return None

    def _said(self, unready: Unready | None) -> str | None:
        """Count and log why a virtual MAC cannot be used, and return it."""
        if unready is None:
            return None
        self._trouble(*unready.told)
        return unready.detail


def _why_not(code: int, vip: Vip, interface: str) -> str:
    """Say what a refusal to add an address means."""
    if vip.version == _IPV6 and code == errno.EACCES:
        return f"IPv6 is disabled on {interface} (net.ipv6.conf.{interface}.disable_ipv6)"
    if vip.version == _IPV6 and code == errno.EINVAL:
        return f"no IPv6 on {interface} (an MTU below 1280?)"
    return os.strerror(code)


def _listed(vips: frozenset[Vip]) -> str:
    return ", ".join(map(str, sorted(vips)))
