"""What the kernel has of interfaces and VIPs, as events for the core: only what is news.

A look at everything costs as much as there are routers. One of 255 that takes over, or is renewed, must not
cost the others anything: what has moved are VIPs then, and only their routers are looked at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from sidecar.core.events import InterfaceChanged, InterfaceState, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.net.addresses.foreign_vips import in_the_way
from sidecar.net.addresses.last_told import LastTold
from sidecar.net.addresses.reachability import Reachability
from sidecar.net.addresses.unanswered import Unanswered
from sidecar.net.clashes import clashes
from sidecar.net.kernel.advert_mtu import advert_mtu, ways_out
from sidecar.net.kernel.no_ipv6 import why_no_ipv6
from sidecar.net.kernel.port import why_deaf
from sidecar.net.kernel.view import KernelView
from sidecar.net.macvlan.virtual_macs import VirtualMacs
from sidecar.net.vrrp.lan_sockets import LanSockets

LISTEN_RETRY: Final = 1.0
"""Seconds between two attempts to open a socket that could not be opened."""
UNTOLD: Final = 0.45
"""Seconds between two looks at what the kernel tells nobody, at least: the next beat after that is one.

These are direct routes, and settings of interfaces.
"""
_IPV6: Final = 6


class KernelReports:
    """Compares a view with what was last told. `make_ready` gets routers whose own interface is not there."""

    def __init__(
        self,
        routers: tuple[RouterParams, ...],
        view: KernelView,
        lan: LanSockets,
        virtual_macs: VirtualMacs,
        clock: Callable[[], float],
        make_ready: Callable[[str], None],
        trouble: Callable[[str, str, str], None],
    ) -> None:
        """Open a socket to ask for routes. Raises OSError."""
        self._view = view
        self._lan = lan
        self._virtual_macs = virtual_macs
        self._reachability = Reachability(clock)
        self._unanswered = Unanswered()
        self._clock = clock
        self._ask_for = make_ready
        self._trouble = trouble
        self._told = LastTold()
        self._everything_at = -LISTEN_RETRY
        self._wanted = True
        self._listening_failed = False
        self._depends_on_untold = False
        self._in_conflict: dict[str, str] = {}
        self._unready: dict[str, str] = {}
        self._asked_at: dict[str, float] = {}
        self._take(routers)

    def exchange(self, routers: tuple[RouterParams, ...]) -> None:
        """Report about these routers from now on, and again about those that are new or have other VIPs."""
        self._reachability.keep({router.name for router in routers})
        self._told.exchange(self._routers, routers)
        self._unready, self._asked_at = {}, {}
        self._take(routers)

    def want_all(self) -> None:
        """Something has changed of which the view knows nothing."""
        self._wanted = True

    def made_ready(self, router: str, unready: str) -> None:
        """The interface of a router's virtual MAC was made, or cannot be."""
        self._unready[router] = unready
        self._wanted = True

    def close(self) -> None:
        """Close the socket."""
        self._reachability.close()

    def look(self) -> Iterator[InterfaceChanged | VipsObserved]:
        """Yield what is news. The view must be current."""
        moved, now = self._view.take_changes(), self._clock()
        since = now - self._everything_at
        again = (self._listening_failed and since >= LISTEN_RETRY) or (
            self._depends_on_untold and since >= UNTOLD
        )
        if moved is None or again or self._wanted:
            self._wanted, self._everything_at = False, now
            yield from self._look_at_everything()
        elif moved:
            places = {place for packed in moved for place in self._by_vip.get(packed, ())}
            yield from self._look_at_routers(self._routers[place] for place in sorted(places))

    def _take(self, routers: tuple[RouterParams, ...]) -> None:
        self._routers = routers
        self._ways_out = ways_out(routers)
        self._vips = frozenset(vip.ip for router in routers for vip in router.addresses)
        self._by_vip: dict[bytes, list[int]] = {}
        for place, router in enumerate(routers):
            for vip in router.addresses:
                self._by_vip.setdefault(vip.ip.packed, []).append(place)

    def _look_at_everything(self) -> Iterator[InterfaceChanged | VipsObserved]:
        self._listening_failed = self._depends_on_untold = False
        self._unanswered.look_again()
        for interface in self._ways_out:
            state = self._listen(interface)
            changed = InterfaceChanged(interface, state, "" if state else self._view.missing(interface))
            if self._told.is_news(changed):
                yield changed
        self._in_conflict = clashes(self._routers, self._view)
        yield from self._look_at_routers(self._routers)

    def _look_at_routers(self, routers: Iterable[RouterParams]) -> Iterator[VipsObserved]:
        for router in routers:
            name, seen = router.name, self._look_for_vips(router)
            if router.virtual_mac:
                seen = self._look_at_virtual_mac(router, seen)
            if name in self._in_conflict:
                seen = replace(seen, obstacle=self._in_conflict[name])
            if self._told.is_news(seen):
                yield seen

    def _look_for_vips(self, router: RouterParams) -> VipsObserved:
        """Return where the VIPs of a router are, and whether their subnets are reached."""
        holds = self._view.holds(router.vip_interface, router.addresses)
        foreign = frozenset(in_the_way(router, self._view, holds))
        link = self._view.link(router.interface)
        unreachable = self._reachability.missing(router, link)
        self._depends_on_untold |= bool(holds.foreign) or self._reachability.concerns(router)
        why = self._unanswered.why(router, link)
        return VipsObserved(router.name, holds.owned, foreign, holds.duplicate, unreachable, why)

    def _look_at_virtual_mac(self, router: RouterParams, seen: VipsObserved) -> VipsObserved:
        """Have its interface made and spoken by, and add what only an interface of its own can lack."""
        name, unready = router.name, self._unready.get(router.name, "")
        link = self._virtual_macs.own(name)
        if link is None:
            self._lan.leave(router.vip_interface)
        else:
            unready = self._lan.speak(router.vip_interface, link.index) or unready
        if unready or (link is None and self._told.state(router.interface) is not None):
            self._listening_failed = True
            self._provide(name)
        # Nobody is answered by an interface that is down, whatever addresses it has.
        owned = seen.owned if link is not None and link.enabled else frozenset()
        return replace(seen, owned=owned, obstacle=unready)

    def _provide(self, router: str) -> None:
        """Have it made, but not again and again while the kernel tells us of other things."""
        now = self._clock()
        if now - self._asked_at.get(router, -LISTEN_RETRY) >= LISTEN_RETRY:
            self._asked_at[router] = now
            self._ask_for(router)

    def _listen(self, interface: str) -> InterfaceState | None:
        state, link = self._view.state(interface, self._vips), self._view.link(interface)
        if state is None or link is None:
            self._lan.leave(interface)
            return None
        # Without an address of a family nobody can speak it. IPv6 forgets its groups with its last address.
        self._lan.rename(interface, state.name)
        families = {address.version for address in state.addresses}
        error = self._lan.listen(interface, state.index, {each: link.lives[each] for each in families})
        if error:
            self._listening_failed = True
            self._trouble("vrrp", "listen", f"{interface}: {error}")
        error = error or why_deaf(link)
        mtu = advert_mtu(self._ways_out[interface], self._view.link)
        return replace(state, listen_error=error, mtu=mtu, no_ipv6=self._no_ipv6(interface, state))

    def _no_ipv6(self, interface: str, state: InterfaceState) -> str:
        """Return why no router of IPv6 can have an address to send from, "" if one has or none needs it."""
        wanted = any(each.interface == interface and each.family == _IPV6 for each in self._routers)
        link = self._view.link(interface)
        if not wanted or link is None or any(address.version == _IPV6 for address in state.addresses):
            return ""
        why = why_no_ipv6(link)
        # The kernel tells nobody when it is switched on again, unless an address follows.
        self._depends_on_untold |= bool(why)
        return why
