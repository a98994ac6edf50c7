"""The macvlans of all virtual routers that have a MAC address of their own: there, up, down, gone.

Up only while the VIPs are held: a switch sends frames for the virtual MAC to whoever was the last to
send one from it, so a backup must send none, and an interface that is up reports its multicast groups
by itself. An interface that is not ours by name, MAC address, kind and mark is never touched.

The kernel takes up to 30 ms for a change, so it is made by a worker, one after the other.
"""

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.link_socket import LinkSocket
from sidecar.net.kernel.view import KernelView
from sidecar.net.macvlan.virtual_mac import Macvlan, macvlan
from sidecar.net.workers import Workers

if TYPE_CHECKING:
    from sidecar.net.macvlan.arp_guard import ArpGuard
    from sidecar.net.macvlan.router_adverts import RouterAdvertFilter

_IPV4: Final = 4
_WHY: Final = {
    errno.EBUSY: "that interface is in use in another way (a bridge port, a bond member, passthru?)",
    errno.EOPNOTSUPP: "this kernel has no macvlan, or that interface can carry none",
    errno.EEXIST: "an interface of this name exists",
    errno.EADDRINUSE: "another interface above it has the same MAC address (another container?)",
}


@dataclass(frozen=True, slots=True)
class Unready:
    """Why a virtual MAC cannot be used. `reason`: taken, create, guard, enable, disable or delete."""

    reason: str
    detail: str

    @property
    def told(self) -> tuple[str, str, str]:
        """Component, reason and detail, for the counter and the log."""
        return "virtual_mac", self.reason, self.detail


class VirtualMacs:
    """Changes macvlans and answers with what is wrong, None if nothing. The view must be fresh.

    `trouble` gets component, reason and detail of what keeps no router from serving.
    """

    def __init__(
        self,
        routers: Iterable[RouterParams],
        view: KernelView,
        workers: Workers,
        trouble: Callable[[str, str, str], None],
    ) -> None:
        self._view = view
        self._trouble = trouble
        self._workers = workers
        self._socket: LinkSocket | None = None
        self._guards: dict[str, tuple[str, tuple[Vip, ...], ArpGuard]] = {}
        """By router: the name of the interface below, and what keeps it silent for these VIPs."""
        self._router_adverts: RouterAdvertFilter | None = None
        self._asked = self._tried = False
        """Whether it was asked for, and tried, to keep all of them from router advertisements."""
        self._seen: dict[str, int] = {}
        """By name: the index of the one that was ours when it was seen last."""
        self.exchange(routers, {})

    def exchange(self, routers: Iterable[RouterParams], names: Mapping[str, str]) -> None:
        """Care for these routers from now on. `names`: those of routers that stay, by their present ones.

        The guards of others go on until `retire`.
        """
        self._wanted: dict[str, Macvlan] = {}
        self._possible: dict[str, Macvlan] = {}
        for router in routers:
            this = macvlan(replace(router, virtual_mac=True))
            if this is not None:
                (self._wanted if router.virtual_mac else self._possible)[router.name] = this
        self._guards = {names.get(router, router): guard for router, guard in self._guards.items()}

    def own(self, router: str) -> Link | None:
        """Return the macvlan of a router, None if it needs none or there is none that is ours."""
        this = self._wanted.get(router)
        link = self._view.link(this.name) if this is not None else None
        if this is None or link is None or not self._is_ours(this, link):
            return None
        self._seen[this.name] = link.index
        return link

    def leftover(self, router: str) -> str:
        """Return the name of the macvlan of a router, whether it still needs one or not; "": none is ours."""
        this = self._wanted.get(router) or self._possible.get(router)
        link = None if this is None else self._view.link(this.name)
        if this is None or link is None or self._is_anothers(this):
            return ""
        return this.name if self._is_ours(this, link) or self._was_ours(this, link) else ""

    async def provide(self, router: str) -> Unready | None:
        """See to it that there is one and that the interface below does not answer in its place."""
        this = self._wanted.get(router)
        if this is None:
            return None
        link, below = self._view.link(this.name), self._below(this)
        misplaced = link is not None and not self._is_ours(this, link)
        if link is not None and misplaced and not self._was_ours(this, link):
            why = f"interface {this.name} exists and is not ours: `ip link delete {this.name}` removes it"
            return Unready("taken", why)
        if below is None:
            return Unready("create", f"interface {this.below} does not exist")
        # The router has another interface now: by a reload, or because what that is chosen by has moved.
        unready = await self._delete(this, link.index) if link is not None and misplaced else None
        if unready is None and (link is None or misplaced):
            unready = await self._change("create", this, lambda: self._links.create(this.creation(below)))
        unready = unready or await self._guard(this)
        if unready is None:
            await self._ignore_router_adverts(this)
        return unready

    async def enable(self, router: str) -> Unready | None:
        """Let it be up, and exist."""
        unready = await self.provide(router)
        this, link = self._wanted.get(router), self.own(router)
        if unready is not None or this is None or (link is not None and link.enabled):
            return unready
        if link is None:
            return Unready("create", f"interface {this.name} has gone again")
        index, settings = link.index, this.settings(ipv6=link.ipv6)

        def enable() -> None:
            self._links.change(index, settings)
            self._links.enable(index, up=True)

        return await self._change("enable", this, enable)

    async def disable(self, router: str) -> Unready | None:
        """Let it be down, if there is one. One that is left of a router that needs none is removed."""
        this = self._wanted.get(router)
        if this is None:
            return await self.remove(router)
        link = self._view.link(self.leftover(router))
        if link is None or not link.enabled:
            return None
        index = link.index
        return await self._change("disable", this, lambda: self._links.enable(index, up=False))

    async def remove(self, router: str) -> Unready | None:
        """Remove it, and what keeps the interface below silent, after all that is under way."""
        if router in self._wanted:
            await self._workers.requests.settle()
            await self._workers.rules.settle()
            await self._view.settle()
        index = self._view.index(self.leftover(router))
        if index is None:
            return None
        unready = await self._delete(self._wanted.get(router) or self._possible[router], index)
        await self._unguard(router)
        return unready

    async def retire(self, router: RouterParams) -> Unready | None:
        """Remove what a router had that is gone, or that has no MAC address of its own any more."""
        if router.name not in self._wanted:
            await self._unguard(router.name)
        this = macvlan(router)
        link = self._view.link(this.name) if this is not None else None
        if this is None or link is None or not (self._is_ours(this, link) or self._was_ours(this, link)):
            return None
        return await self._delete(this, link.index)

    async def _delete(self, this: Macvlan, index: int) -> Unready | None:
        return await self._change("delete", this, lambda: self._links.delete(index))

    async def _unguard(self, router: str) -> None:
        guard = self._guards.pop(router, None)
        if guard is not None:
            await self._workers.rules.run(guard[-1].close)

    def close(self) -> None:
        """Have closed what is open."""
        for *_, guard in self._guards.values():
            self._workers.rules.submit(guard.close)
        if self._asked:
            self._workers.rules.submit(self._heed_router_adverts)
        if self._socket is not None:
            self._workers.requests.submit(self._socket.close)

    def _below(self, this: Macvlan) -> int | None:
        return self._view.index(this.below)

    def _is_ours(self, this: Macvlan, link: Link) -> bool:
        # Above another macvlan the segment is that of the interface below both, which may not be seen here.
        return this.is_ours(link) and link.segment in (link.index, self._segment(this))

    def _was_ours(self, this: Macvlan, link: Link) -> bool:
        """Whether it is ours although it is not where it belongs now: it was there when it was seen last."""
        return this.is_ours(link) and self._seen.get(this.name) == link.index

    def _segment(self, this: Macvlan) -> int | None:
        below = self._view.link(this.below)
        return None if below is None else below.segment

    def _is_anothers(self, this: Macvlan) -> bool:
        return any(each.name == this.name and each.router != this.router for each in self._wanted.values())

    async def _guard(self, this: Macvlan) -> Unready | None:
        link = self._view.link(this.below)
        if link is None or this.vips[0].version != _IPV4:
            return None
        below = link.name
        guarded = self._guards.get(this.router)
        if guarded is not None and guarded[:2] == (below, this.vips):
            return None

        def install() -> None:
            from sidecar.net.macvlan.arp_guard import ArpGuard  # noqa: PLC0415 - few need it

            # Noted here, so that it is not made again if nobody waits for it any more.
            before = self._guards.get(this.router)
            self._guards[this.router] = below, this.vips, ArpGuard(below, this.vips)
            if before is not None:
                before[-1].close()

        try:
            await self._workers.rules.run(install)
        except OSError as refused:
            why = f"{this.below} cannot be kept from answering for the VIP (nf_tables: {refused.strerror})"
            return Unready("guard", why)
        return None

    async def _ignore_router_adverts(self, this: Macvlan) -> None:
        """Once, for all: where the kernel refuses (before 5.12), its own setting decides, accept_ra."""
        link = self._view.link(this.name)
        if self._tried or link is None or not link.ipv6:
            return
        self._asked = True

        def install() -> None:
            from sidecar.net.macvlan.router_adverts import (  # noqa: PLC0415 - few need it
                RouterAdvertFilter,
                heeds_router_adverts,
            )

            if not self._tried:
                self._tried = True
                try:
                    self._router_adverts = RouterAdvertFilter()
                except OSError:
                    if heeds_router_adverts(this.name):
                        raise

        try:
            await self._workers.rules.run(install)
        except OSError as refused:
            why = (
                f"{this.name} hears router advertisements (nf_tables: {refused.strerror}): "
                "`sysctl -w net.ipv6.conf.default.accept_ra=0` before the start keeps it from taking "
                "addresses and routes by them"
            )
            self._trouble("virtual_mac", "router_adverts", why)

    def _heed_router_adverts(self) -> None:
        """In the thread of the worker, after what was begun there."""
        if self._router_adverts is not None:
            self._router_adverts.close()

    async def _change(self, reason: str, this: Macvlan, change: Callable[[], None]) -> Unready | None:
        try:
            await self._workers.requests.run(change)
        except OSError as refused:
            code = refused.errno or errno.EIO
            if code == errno.ENODEV and reason in ("disable", "delete"):
                return None  # gone by itself, with the interface below
            why = _WHY.get(code, os.strerror(code))
            return Unready(reason, f"{reason} {this.name} above {this.below}: {why}")
        # The next steps must see what was made here.
        await self._view.settle()
        return None

    @property
    def _links(self) -> LinkSocket:
        """The socket, in the thread of the worker."""
        if self._socket is None:
            self._socket = LinkSocket()
        return self._socket
