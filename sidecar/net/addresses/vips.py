"""Adding, renewing and removing the VIPs: the only code that changes addresses.

An address is added as a host address (host_address.py) with a finite valid lifetime and our mark. What
carries another mark is never changed: adding on top of it is refused, removing passes it by.

An IPv6 address is added without duplicate address detection, which would cost a second and the
VIP, and as deprecated: no connection of the host begins at it while there is another to begin at.

VIPs with a virtual MAC are on an interface of their own, which is up while they are held.
"""

import errno
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import ActionExpired, VipsDropped, VipsHeld
from sidecar.core.params import RouterParams
from sidecar.core.router.address_faults import foreign_vips
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.foreign_vips import in_the_way
from sidecar.net.addresses.known_holds import KnownHolds
from sidecar.net.addresses.writer import AddressWriter, Lease, Place, TooLateError
from sidecar.net.kernel.host_address import has_secondaries, host_address, scope
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Holds
from sidecar.net.kernel.view import KernelView
from sidecar.net.macvlan.virtual_macs import Unready, VirtualMacs
from sidecar.net.task import OutOfTimeError
from sidecar.net.workers import Workers
from sidecar.setting_name import setting_name

if TYPE_CHECKING:
    from sidecar.net.nft.accept_mode import AcceptMode

_IPV6: Final = 6
_NAMED: Final = 3
"""VIPs that one reason names, of as many as it is about."""
_SILENT: Final = "the kernel did not answer in time"
_GONE: Final = frozenset({errno.EADDRNOTAVAIL, errno.ENODEV, errno.ENXIO, errno.ESRCH})
"""No such address, interface, IPv6 on the interface: the address to remove is not there."""


class Addresses:
    """Carries out commands about VIPs and answers each with exactly one event.

    Those for one router come one after the other, and those that are not plain (side_by_side.py) alone.
    """

    def __init__(
        self,
        routers: Iterable[RouterParams],
        view: KernelView,
        virtual_macs: VirtualMacs,
        loop: EventLoop,
        workers: Workers,
        clock: Callable[[], float],
        trouble: Callable[[str, str, str], None],
        waits: Callable[[], bool],
    ) -> None:
        """`waits` says, in any thread, whether a command waits for the one under way."""
        self._routers = {router.name: router for router in routers}
        self._writer = AddressWriter(clock, loop, workers.requests, waits, view.ignore_renewals)
        self._workers = workers
        self._scopes: dict[str, int] = {}
        self._known = KnownHolds(view)
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
            error = await self._hold_all(command)
        except TooLateError as expired:
            return ActionExpired(command.router, "HoldVips", expired.late)
        except OutOfTimeError:
            error = _SILENT
        except OSError as refused:
            error = f"the kernel cannot be asked: {refused}"
        return VipsHeld(command.router, asked_at, error)

    async def drop(self, command: DropVips) -> VipsDropped:
        """Remove every VIP of a router that is ours."""
        removed: set[Vip] = set()
        try:
            error = await self._drop_all(command, removed)
        except OutOfTimeError:
            error = _SILENT
        except OSError as refused:
            error = f"the kernel cannot be asked: {refused}"
        return VipsDropped(command.router, error, frozenset(removed))

    async def provide(self, router: str) -> str:
        """Make ready what the VIPs of a router will need. Return why that is impossible, or ""."""
        try:
            await self._view.settle()
            return self._said(await self._virtual_macs.provide(router)) or ""
        except OutOfTimeError:
            return _SILENT
        except OSError as refused:
            return f"the kernel cannot be read: {refused}"

    def exchange(self, routers: Iterable[RouterParams], names: Mapping[str, str]) -> None:
        """Hold for these routers from now on. `names`: those of routers that stay, by their present ones.

        Packets are accepted again for the others, which must hold nothing any more.
        """
        self._routers = {router.name: router for router in routers}
        self._scopes.clear()
        self._known.clear()
        self._writer.forget()
        self._virtual_macs.exchange(self._routers.values(), names)
        if self._accept_mode is not None:
            self._accept_mode.exchange(names)

    async def release(self, interface: str, vips: tuple[Vip, ...]) -> str:
        """Remove VIPs of ours that belong to no router any more. Return why that failed, or ""."""
        try:
            await self._writer.settle()
            holds = await self._view.holds_now(interface, vips)
            return await self._remove(self._owned(interface, holds) + self._strays(holds)) or ""
        except OutOfTimeError:
            return f"{_listed(frozenset(vips))}: {_SILENT}"
        except OSError as refused:
            return f"{_listed(frozenset(vips))}: the kernel cannot be asked: {refused}"

    async def retire(self, router: RouterParams) -> str:
        """Remove the interface of a virtual MAC that nobody needs now. Return why that failed, or ""."""
        return await _outcome(router.name, self._virtual_macs.retire(router))

    async def remove_interface(self, router: str) -> str:
        """Remove the interface of a virtual MAC. Return why that failed, or ""."""
        return await _outcome(router, self._virtual_macs.remove(router))

    def close(self) -> None:
        """Have the packet filters removed, after all that is under way."""
        self._writer.close()
        if self._accept_mode is not None:
            self._accept_mode.close()

    async def _hold_all(self, command: HoldVips) -> str | None:
        router = self._routers.get(command.router)
        if router is None:
            return f"there is no router {command.router} any more"
        holds = self._known.of(command)
        # A VIP that is held for certain is renewed at once, whatever else there is to be read.
        if not holds.owned.issuperset(command.vips):
            holds = await self._view.holds_now(command.interface, command.vips)
        foreign = tuple(in_the_way(router, self._view, holds))
        if foreign:
            return foreign_vips(self._name(command.interface), foreign)
        if holds.duplicate:
            return f"another host answers for {_listed(holds.duplicate)}"
        unready = (
            await self._remove(self._strays(holds))
            or await self._set_accept_mode(command)
            or self._said(await self._virtual_macs.enable(command.router))
        )
        if unready is not None:
            return unready
        link = self._view.link(command.interface)
        if link is None:
            return f"interface {command.interface} does not exist"
        return await self._put(command, link, holds.owned)

    async def _set_accept_mode(self, command: HoldVips) -> str | None:
        """See to it that packets to the VIPs are dropped, if so, before there are VIPs to send to."""
        if command.accept:
            self._accept(command.router)
            return None
        if self._accept_mode is None:
            from sidecar.net.nft.accept_mode import AcceptMode  # noqa: PLC0415 - few need it

            self._accept_mode = AcceptMode(self._workers.rules)
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

    async def _put(self, command: HoldVips, link: Link, known: frozenset[Vip]) -> str | None:
        """Add or renew all, in one request."""
        if not known.issuperset(command.vips):
            self._scopes[command.router] = scope(command.vips[0], link.name)
        scoped = self._scopes.get(command.router, 0)
        lease = Lease(link.index, command.vips, known, command.lease, scoped, command.record)
        codes = await self._writer.hold(lease, command.not_after)
        refused: dict[int, list[Vip]] = {}
        for vip, code in zip(command.vips, codes, strict=True):
            refused.setdefault(code, []).append(vip)
        refused.pop(0, None)
        return "; ".join(_why_not(code, vips, link.name) for code, vips in refused.items()) or None

    async def _drop_all(self, command: DropVips, removed: set[Vip]) -> str | None:
        """Remove them, and note those that were there."""
        # A request that the kernel kept waiting for too long is still carried out, and would come after this.
        await self._writer.settle()
        holds = await self._view.holds_now(command.interface, command.vips)
        found = self._owned(command.interface, holds) + self._strays(holds)
        removed |= holds.owned | {vip for _, vip in self._strays(holds)}
        errors = [await self._remove(found)]
        errors.append(self._said(await self._virtual_macs.disable(command.router)))
        failed = "; ".join(error for error in errors if error)
        if failed:
            return failed
        self._accept(command.router)
        return None

    @staticmethod
    def _owned(interface: str, holds: Holds) -> list[tuple[str, Vip]]:
        return [(interface, host_address(vip)) for vip in sorted(holds.owned)]

    def _strays(self, holds: Holds) -> list[tuple[str, Vip]]:
        """Return what earlier lives left, and nothing that another router of ours holds where it belongs."""
        return [place for place in sorted(holds.strays) if not self._belongs(*place)]

    def _belongs(self, interface: str, held: Vip) -> bool:
        """Whether any of our routers puts this address on this interface."""
        link = self._view.link(interface)
        return any(
            self._view.link(router.vip_interface) is link and held in map(host_address, router.addresses)
            for router in self._routers.values()
        )

    async def _remove(self, found: list[tuple[str, Vip]]) -> str | None:
        """Remove addresses from interfaces, in one request. One that has gone by itself counts as removed."""
        links = [(self._view.link(interface), vip) for interface, vip in found]
        places = [Place(link.index, vip, has_secondaries(vip, link.name)) for link, vip in links if link]
        codes = await self._writer.remove(places)
        failed = [
            f"{place.address}: {os.strerror(code)}"
            for place, code in zip(places, codes, strict=True)
            if code and code not in _GONE
        ]
        return "; ".join(failed) or None

    def _said(self, unready: Unready | None) -> str | None:
        """Count and log why a virtual MAC cannot be used, and return it."""
        if unready is None:
            return None
        self._trouble(*unready.told)
        return unready.detail


def _why_not(code: int, vips: list[Vip], interface: str) -> str:
    """Say what a refusal to add addresses means."""
    ipv6, reason = vips[0].version == _IPV6, os.strerror(code)
    if ipv6 and code == errno.EACCES:
        reason = f"IPv6 is disabled on {interface} ({setting_name(interface, 'disable_ipv6', 6)})"
    if ipv6 and code == errno.EINVAL:
        reason = f"no IPv6 on {interface} (an MTU below 1280?)"
    more = f" and {len(vips) - _NAMED} more" if len(vips) > _NAMED else ""
    return f"{', '.join(map(str, vips[:_NAMED]))}{more}: {reason}"


def _listed(vips: frozenset[Vip]) -> str:
    return ", ".join(map(str, sorted(vips)))


async def _outcome(router: str, removal: Awaitable[Unready | None]) -> str:
    """Carry out a removal. Return why it failed, or ""."""
    try:
        unready = await removal
    except OutOfTimeError:
        return f"{router}: {_SILENT}"
    except OSError as refused:
        return f"{router}: the kernel cannot be read: {refused}"
    return "" if unready is None else f"{router}: {unready.detail}"
