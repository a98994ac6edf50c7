"""The network as the core sees it: events in, commands out.

Nothing here waits for the kernel on the way of an advert: sending is a system call that cannot
block, and commands about addresses are carried out by a worker (workers.py) and answered by an event.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

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
from sidecar.core.events import (
    Event,
    LeasesFound,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.params import RouterParams
from sidecar.core.router.identity import match
from sidecar.core.wire.advert import Drop
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.exchange import steps
from sidecar.net.addresses.found_leases import found_leases
from sidecar.net.addresses.side_by_side import is_plain, removals
from sidecar.net.addresses.vips import Addresses
from sidecar.net.command_queue import PATIENCE, TIMEOUT, CommandQueue
from sidecar.net.kernel.picture import Concerns
from sidecar.net.kernel.upkeep import Upkeep
from sidecar.net.kernel.view import KernelView
from sidecar.net.kernel_reports import KernelReports
from sidecar.net.macvlan.virtual_macs import VirtualMacs
from sidecar.net.task import complete, complete_all
from sidecar.net.vrrp.lan_sockets import LanSockets
from sidecar.net.worker import BusyError
from sidecar.net.workers import Workers


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be removed at the end, by router, and why: VIPs, and interfaces of virtual MACs.

    An interface whose VIPs are gone serves nobody. The next life goes on with it, or `cleanup` removes it.
    """

    vips: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()


class Network:
    """One host's network, between `open` and `close`. For the thread of the loop.

    `wake` is called when `hear` has something; `post` gets the answers to commands about addresses;
    `trouble` gets component, reason and detail of what went wrong and is being mended; `unread` gets
    interface, reason and number of packets that the kernel has thrown away before we could read them.
    """

    def __init__(
        self,
        routers: Iterable[RouterParams],
        loop: EventLoop,
        clock: Callable[[], float],
        wake: Callable[[], None],
        post: Callable[[Event], None],
        trouble: Callable[[str, str, str], None],
        unread: Callable[[str, Drop, int], None],
    ) -> None:
        self._take(routers)
        self._loop = loop
        self._clock = clock
        self._wake = wake
        self._post = post
        self._trouble = trouble
        self._unread = unread
        self._commands = CommandQueue(loop, wake)
        self._workers = Workers(loop)
        self._exchanges = 0  # of routers, that are being carried out

    def open(self) -> None:
        """Open every socket and learn the present state. Raises OSError."""
        self._lan = LanSockets(
            self._routers,
            self._loop,
            self._workers.dumps,
            self._clock,
            self._wake,
            self._post,
            self._note_unread,
            self._trouble,
        )
        self._view = KernelView(Concerns.of(self._routers), self._loop, self._workers, self._wake)
        self._virtual_macs = VirtualMacs(self._routers, self._view, self._workers, self._trouble)
        self._addresses = Addresses(
            self._routers, self._view, self._virtual_macs, self._loop, self._workers, self._clock,
            self._trouble, lambda: self._commands.waiting,
        )  # fmt: skip
        self._reports = KernelReports(
            self._routers, self._view, self._lan, self._virtual_macs, self._clock, self._provide,
            self._trouble,
        )  # fmt: skip
        self._upkeep = Upkeep(self._view, self._loop, self._wake, self._trouble)
        complete(self._loop, self._view.settle())
        self._upkeep.start()

    def close(self) -> None:
        """Close everything. VIPs that were not removed before expire with their lease."""
        self._upkeep.end()
        self._commands.end()
        self._view.close()
        self._addresses.close()
        self._virtual_macs.close()
        self._reports.close()
        self._lan.close()
        self._workers.close()

    def hear(self) -> list[Event]:
        """Return everything that has happened: packets first, then what changed in the kernel.

        While more has changed than can be read at once, nothing of it is told: half of it may be wrong.
        Raises what ended the carrying out of commands: nothing could be held or removed any more.
        """
        self._commands.check()
        events: list[Event] = [*self._lan.receive()]
        if not self._view.behind:
            self._view.catch_up()
        if self._view.take_overflow():
            self._trouble("netlink", "overflow", "notifications were lost: reading everything anew")
        if self._view.stale:
            self._upkeep.want()
        # During an exchange half of it may be of routers that are gone.
        if self._view.current and not self._exchanges:
            events += self._reports.look()
        return events

    def _provide(self, router: str) -> None:
        """Have the interface of a virtual MAC made, or what else it lacks."""
        with suppress(BusyError):  # it is asked for again
            self._commands.put(partial(self._make_ready, router))

    def found(self) -> LeasesFound | None:
        """Return what an earlier process has left here, None if nothing. Raises OSError."""
        return found_leases(self._routers, self._view, self._clock)

    def perform(self, command: Command) -> Event | None:
        """Carry out a command. Return what is known at once; answers about addresses come by `post`."""
        match command:
            case SendAdvert():
                return self._lan.advertise(command)
            case TrySending():
                return self._lan.try_sending(command)
            case Announce():
                return self._lan.announce(command)
            case HoldVips() | DropVips():
                return self._change_addresses(command)
            case Identify():
                self._lan.identify(command)
            case PrioritizeSenders():
                self._lan.prioritize(command)
        return None

    def exchange(self, routers: Iterable[RouterParams]) -> None:
        """Be there for these routers from now on: a router that keeps its identity keeps all that it has.

        The others must have resigned and given up their VIPs; what is left of them is removed. Adverts of new
        ones are heard at once, commands may follow at once; `hear` tells what the kernel has of them.
        """
        before = self._routers
        self._take(routers)
        names = {old.name: new.name for old, new in match(before, self._routers).kept}
        self._lan.exchange(self._routers, names)
        self._reports.exchange(self._routers)
        self._exchanges += 1
        for step in steps(before, self._routers, names, self._addresses, self._view, self._trouble):
            self._commands.put(step, always=True)
        self._commands.put(self._exchanged, always=True)

    def _take(self, routers: Iterable[RouterParams]) -> None:
        self._routers = tuple(routers)
        self._plain = frozenset(router.name for router in self._routers if is_plain(router))

    async def _exchanged(self) -> None:
        self._exchanges -= 1
        self._reports.want_all()
        self._wake()

    def abandon(self, resignations: Mapping[str, SendAdvert]) -> Left:
        """Remove all our VIPs now, whatever else was planned: the way out, also after a crash.

        `resignations` by router are sent once its VIPs are gone. Return what could not be removed.
        """
        self._upkeep.end()
        self._commands.end()
        vips = []
        for drops in removals(self._routers):
            leaving = (self._give_back(drop, resignations.get(drop.router)) for drop in drops)
            answers = complete_all(self._loop, leaving, PATIENCE)
            vips += [f"{answer.router}: {answer.error}" for answer in answers if answer.error is not None]
        removals_of_macvlans = (self._addresses.remove_interface(router.name) for router in self._routers)
        interfaces = [complete(self._loop, removal, TIMEOUT) for removal in removals_of_macvlans]
        return Left(tuple(vips), tuple(each for each in interfaces if each))

    async def _give_back(self, drop: DropVips, resignation: SendAdvert | None) -> VipsDropped:
        """Remove the VIPs of a router and resign at once: others may be waited for."""
        answer = await self._addresses.drop(drop)
        if answer.error is None and resignation is not None:
            self._lan.advertise(resignation)
        return answer

    def _note_unread(self, interface: str, reason: Drop, count: int) -> None:
        self._unread(interface, reason, count)
        if reason is Drop.FLOOD:
            self._trouble("vrrp", "flood", f"{interface}: {count} VRRP packets more than could be looked at")

    def _change_addresses(self, command: HoldVips | DropVips) -> VipsHeld | VipsDropped | None:
        """Have it carried out in its turn. Return an answer only if there are too many before it."""
        try:
            beside_others = command.router if command.router in self._plain else None
            self._commands.put(partial(self._carry_out, command), beside_others, len(command.vips))
        except BusyError as busy:
            error = f"the kernel cannot be asked: {busy}"
            if isinstance(command, HoldVips):
                return VipsHeld(command.router, self._clock(), error)
            return VipsDropped(command.router, error, frozenset())
        return None

    async def _carry_out(self, command: HoldVips | DropVips) -> None:
        hold, drop = self._addresses.hold, self._addresses.drop
        self._post(await (hold(command) if isinstance(command, HoldVips) else drop(command)))

    async def _make_ready(self, router: str) -> None:
        """Make the interface of a router's virtual MAC, or what else it lacks."""
        self._reports.made_ready(router, await self._addresses.provide(router))
        self._wake()
