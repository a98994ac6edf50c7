"""The network as the core sees it: events in, commands out.

Nothing here waits for the kernel on the way of an advert: sending is a system call that cannot
block, and commands about addresses go to a task of their own, which answers by an event.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from sidecar.core.actions import (
    Announce,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PrioritizeSenders,
    SendAdvert,
    TrySending,
)
from sidecar.core.events import Event, InterfaceChanged, InterfaceState, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.core.vrrp import Drop
from sidecar.net.addresses import TIMEOUT, Addresses
from sidecar.net.foreign_vips import in_the_way
from sidecar.net.kernel_picture import Concerns
from sidecar.net.kernel_reader import InterruptedReadError
from sidecar.net.kernel_view import KernelView
from sidecar.net.reachability import Reachability
from sidecar.net.virtual_macs import VirtualMacs
from sidecar.net.wire import Wire

AUDIT: Final = 10.0
"""Seconds between two full readings, also of a MASTER: what no notification told is known by then."""
RESYNC_RETRY: Final = 0.1
"""Seconds between two attempts to read everything from a kernel that refuses, or changes too fast."""
DEAF_RETRY: Final = 1.0
"""Seconds between two attempts to open a socket that could not be opened."""
UNTOLD: Final = 0.5
"""Seconds between two looks at what the kernel tells nobody: direct routes, and settings of interfaces."""


@dataclass(frozen=True, slots=True)
class _Provide:
    """Make the interface of a router's virtual MAC, or what else it lacks."""

    router: str


class Network:
    """One host's network, between `open` and `close`.

    `wake` is called when `hear` has something; `post` gets the answers to commands about addresses;
    `trouble` gets component, reason and detail of what went wrong and is being mended; `unread` gets
    interface, reason and number of packets that the kernel has thrown away before we could read them.
    """

    def __init__(
        self,
        routers: Iterable[RouterParams],
        clock: Callable[[], float],
        wake: Callable[[], None],
        post: Callable[[Event], None],
        trouble: Callable[[str, str, str], None],
        unread: Callable[[str, Drop, int], None],
    ) -> None:
        self._routers = tuple(routers)
        self._clock = clock
        self._wake = wake
        self._post = post
        self._trouble = trouble
        self._unread = unread
        self._interfaces: dict[str, InterfaceChanged] = {}
        self._seen: dict[str, VipsObserved] = {}
        self._commands: asyncio.Queue[HoldVips | DropVips | _Provide] = asyncio.Queue()
        self._missed = asyncio.Event()
        self._unready: dict[str, str] = {}
        self._provided_at: dict[str, float] = {}
        self._looked = -1
        self._looked_at = -DEAF_RETRY
        self._deaf = False
        self._depends_on_untold = False

    async def open(self) -> None:
        """Open every socket and learn the present state. Raises OSError."""
        self._wire = Wire(
            self._routers, self._clock, self._wake, self._post, self._note_unread, self._trouble
        )
        self._reachability = Reachability(self._clock)
        self._view = KernelView(Concerns.of(self._routers), self._wake)
        self._virtual_macs = VirtualMacs(self._routers, self._view)
        self._addresses = Addresses(self._routers, self._view, self._virtual_macs, self._clock, self._trouble)
        await self._view.settle()
        self._tasks = (
            asyncio.create_task(self._work(), name="addresses"),
            asyncio.create_task(self._keep_whole(), name="kernel-view"),
        )
        for task in self._tasks:
            task.add_done_callback(lambda _: self._wake())

    async def close(self) -> None:
        """Close everything. What was not removed before expires with its lease."""
        await self._end_tasks()
        self._view.close()
        self._addresses.close()
        self._virtual_macs.close()
        self._reachability.close()
        self._wire.close()

    def hear(self) -> list[Event]:
        """Return everything that has happened: packets first, then what changed in the kernel.

        While more has changed than can be read at once, nothing of it is told: half of it may be wrong.
        Raises what ended a task: without them nothing can be held or removed, and nobody would notice.
        """
        for task in self._tasks:
            if task.done():
                task.result()
        events: list[Event] = [*self._wire.receive()]
        self._view.catch_up()
        if self._view.take_overflow():
            self._trouble("netlink", "overflow", "notifications were lost: reading everything anew")
        if self._view.stale:
            self._missed.set()
        since = self._clock() - self._looked_at
        again = (self._deaf and since >= DEAF_RETRY) or (self._depends_on_untold and since >= UNTOLD)
        if self._view.current and (self._view.generation != self._looked or again):
            self._looked, self._looked_at = self._view.generation, self._clock()
            events += self._look()
        return events

    def _look(self) -> Iterator[Event]:
        """Compare the kernel's state with what was last told."""
        self._deaf = self._depends_on_untold = False
        for interface in dict.fromkeys(router.interface for router in self._routers):
            state = self._listen(interface)
            changed = InterfaceChanged(interface, state, "" if state else self._view.missing(interface))
            if changed != self._interfaces.get(interface):
                self._interfaces[interface] = changed
                yield changed
        clashes = self._clashes()
        for router in self._routers:
            name, seen = router.name, self._look_for_vips(router)
            if router.virtual_mac:
                seen = self._look_at_virtual_mac(router, seen)
            seen = replace(seen, obstacle=clashes.get(name, seen.obstacle))
            if seen != self._seen.get(name, VipsObserved(name, frozenset())):
                self._seen[name] = seen
                yield seen

    def _clashes(self) -> dict[str, str]:
        """Return what is wrong with routers that have the VRID of another one on the same interface.

        In the file they may have chosen it in two ways, by name and by what it carries.
        """
        first: dict[tuple[str, int, int], str] = {}
        wrong: dict[str, str] = {}
        for router in self._routers:
            link = self._view.link(router.interface)
            if link is None:
                continue
            other = first.setdefault((link.name, router.family, router.vrid), router.name)
            if other != router.name:
                why = f"router {other} has VRID {router.vrid} on {link.name}, too; choose another VRID"
                wrong[router.name] = why
        return wrong

    def _look_for_vips(self, router: RouterParams) -> VipsObserved:
        """Return where the VIPs of a router are, and whether their subnets are reached."""
        holds = self._view.holds(router.vip_interface, router.addresses)
        foreign = frozenset(in_the_way(router, self._view, holds))
        unreachable = self._reachability.missing(router, self._view.link(router.interface))
        self._depends_on_untold |= bool(holds.foreign) or self._reachability.concerns(router)
        return VipsObserved(router.name, holds.owned, foreign, holds.duplicate, unreachable)

    def _look_at_virtual_mac(self, router: RouterParams, seen: VipsObserved) -> VipsObserved:
        """Have its interface made and spoken by, and add what only an interface of its own can lack."""
        name, unready = router.name, self._unready.get(router.name, "")
        link = self._virtual_macs.own(name)
        if link is None:
            self._wire.leave(router.vip_interface)
        else:
            unready = self._wire.speak(router.vip_interface, link.index) or unready
        if unready or (link is None and self._interfaces[router.interface].state is not None):
            self._deaf = True
            self._provide(name)
        # Nobody is answered by an interface that is down, whatever addresses it has.
        owned = seen.owned if link is not None and link.enabled else frozenset()
        return replace(seen, owned=owned, obstacle=unready)

    def _provide(self, router: str) -> None:
        """Have it made, but not again and again while the kernel tells us of other things."""
        now = self._clock()
        if now - self._provided_at.get(router, -DEAF_RETRY) >= DEAF_RETRY:
            self._provided_at[router] = now
            self._commands.put_nowait(_Provide(router))

    def perform(self, command: Command) -> Event | None:
        """Carry out a command. Return what is known at once; answers about addresses come by `post`."""
        match command:
            case SendAdvert():
                return self._wire.advertise(command)
            case TrySending():
                return self._wire.try_sending(command)
            case Announce():
                return self._wire.announce(command)
            case HoldVips() | DropVips():
                self._commands.put_nowait(command)
                return None
            case Identify():
                self._wire.identify(command)
                return None
            case PrioritizeSenders():
                self._wire.prioritize(command)
                return None

    async def abandon(self, resignations: Mapping[str, SendAdvert]) -> list[str]:
        """Remove all our VIPs now, whatever else was planned: the way out, also after a crash.

        `resignations` by router are sent once its VIPs are gone. Return what could not be removed.
        """
        await self._end_tasks()
        errors = []
        for router in self._routers:
            answer = await self._addresses.drop(DropVips(router.name, router.vip_interface, router.addresses))
            if answer.error is not None:
                errors.append(f"{router.name}: {answer.error}")
            elif router.name in resignations:
                self._wire.advertise(resignations[router.name])
        return errors + [error for router in self._routers if (error := await self._remove(router.name))]

    async def _remove(self, router: str) -> str:
        """Remove the interface of a virtual MAC. Return why that failed, or ""."""
        try:
            async with asyncio.timeout(TIMEOUT):
                unready = await self._virtual_macs.remove(router)
        except TimeoutError:
            return f"{router}: the kernel did not answer within {TIMEOUT} s"
        except OSError as refused:
            return f"{router}: the kernel cannot be read: {refused}"
        return "" if unready is None else f"{router}: {unready.detail}"

    def _listen(self, interface: str) -> InterfaceState | None:
        vips = [vip for router in self._routers for vip in router.addresses]
        state = self._view.state(interface, vips)
        if state is None:
            self._wire.leave(interface)
            return None
        # Without an address of a family nobody can speak it. IPv6 forgets its groups with its last address.
        self._wire.rename(interface, state.name)
        deaf = self._wire.listen(interface, state.index, {address.version for address in state.addresses})
        if deaf:
            self._deaf = True
            self._trouble("vrrp", "listen", f"{interface}: {deaf}")
        return replace(state, deaf=deaf)

    def _note_unread(self, interface: str, reason: Drop, count: int) -> None:
        self._unread(interface, reason, count)
        if reason is Drop.FLOOD:
            self._trouble("vrrp", "flood", f"{interface}: {count} VRRP packets more than could be looked at")

    async def _work(self) -> None:
        """Carry out commands in order."""
        while True:
            match await self._commands.get():
                case HoldVips() as command:
                    self._post(await self._addresses.hold(command))
                case DropVips() as command:
                    self._post(await self._addresses.drop(command))
                case _Provide(router):
                    self._unready[router] = await self._addresses.provide(router)
                    self._looked = -1
                    self._wake()

    async def _keep_whole(self) -> None:
        """Read everything anew when something was missed, until it was whole, and once in a long while."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AUDIT):
                    await self._missed.wait()
            try:
                await self._view.resync()
            except InterruptedReadError:
                pass  # it is stale, which is answered below
            except OSError as refused:
                self._trouble("netlink", "dump", str(refused))
            if self._view.stale:
                await asyncio.sleep(RESYNC_RETRY)
            else:
                self._missed.clear()
            self._wake()

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
