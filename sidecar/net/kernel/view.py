"""The kernel's present state of the interfaces and addresses that matter to us.

A netlink socket hears every change. It is read by hand right before each decision, a bounded number of
messages at a time, so that a burst of thousands delays nothing. The view is `current` when all that has
arrived was read: the kernel queues a notification before it answers the request that caused it, so a
current view is never older than an answer.

When notifications were lost (ENOBUFS) everything is read anew, by a worker and beside the old picture,
which answers until the new one is whole; if more was lost meanwhile, it is read again. A command that
must be certain before that (a removal must not miss an address, nor hit another's) asks for a few
interfaces alone: `holds_now`.
"""

import errno
import socket
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import Final

from sidecar.bpf import attach
from sidecar.core.address import Address, Vip
from sidecar.core.events import InterfaceState
from sidecar.event_loop import EventLoop
from sidecar.net.kernel.echo_filter import echo_filter
from sidecar.net.kernel.host_address import host_address
from sidecar.net.kernel.interface_choice import missing_interface
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Concerns, Holds, KernelPicture
from sidecar.net.kernel.reader import InterruptedReadError, addresses_of, discard, read_picture
from sidecar.net.ownership import kernel_marks
from sidecar.net.task import Resume, Task, Wait, next_turn
from sidecar.net.workers import Workers

SLICE: Final = 256
"""Notifications read in one turn of the loop: some 4 ms if all are about links, 1 ms if about addresses."""

_GROUPS: Final = 0x1 | 0x10 | 0x100 | 1 << 24  # links, IPv4 and IPv6 addresses, IPv6 settings of interfaces
_SO_RCVBUFFORCE: Final = 33
_RECEIVE_BUFFER: Final = 1 << 20
"""Bytes for notifications that wait; beyond the host's limit, which NET_ADMIN may exceed."""
_RECEIVE: Final = 1 << 16


class KernelView:
    """The present picture, and whether it can be trusted. All but the reading by a worker is for the loop."""

    def __init__(
        self,
        concerns: Concerns,
        loop: EventLoop,
        workers: Workers,
        wake: Callable[[], None] | None = None,
    ) -> None:
        """Open the socket. Raises OSError.

        `wake` is called when something has changed that concerns us, or when it takes more than one look to
        know that. Without it nothing is read but by `catch_up`.
        """
        self._loop = loop
        self._workers = workers
        self._concerns = concerns
        self._picture = KernelPicture(concerns, kernel_marks())
        self._wake = wake
        self._stale = True
        self._behind = False
        self._overflowed = False
        self._resyncing: Task[None] | None = None
        self._waiting: list[Resume] = []
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
            self._socket.bind((0, _GROUPS))
        except OSError:
            self._socket.close()
            raise

    # ---- reading

    @property
    def stale(self) -> bool:
        """Whether something was missed, so that only a `resync` makes the view right again."""
        return self._stale

    @property
    def current(self) -> bool:
        """Whether the view is whole and nothing waits that had arrived by the last `catch_up`."""
        return not (self._stale or self._behind or self._resyncing)

    @property
    def behind(self) -> bool:
        """Whether more waits than could be read by the last look: the next turn of the loop reads on."""
        return self._behind

    @property
    def generation(self) -> int:
        """A number that grows with every change of what concerns us."""
        return self._picture.generation

    def take_changes(self) -> frozenset[bytes] | None:
        """Return the packed VIPs of ours that have moved since the last call, None: more has changed."""
        picture = self._picture
        moved = None if picture.others_changed else frozenset(picture.vips_changed)
        picture.others_changed = False
        picture.vips_changed.clear()
        return moved

    def take_overflow(self) -> bool:
        """Whether notifications were lost since the last call."""
        overflowed, self._overflowed = self._overflowed, False
        return overflowed

    def close(self) -> None:
        """Close the socket, and wait for nothing."""
        if self._resyncing is not None:
            self._resyncing.abandon()
        self._pause()
        self._wake = None
        self._socket.close()

    def ignore_renewals(self, port: int) -> None:
        """Have the kernel tell nothing of renewals that the socket of this port asks for. From any thread."""
        with suppress(OSError):  # no room for a filter: it is read, and wakes nobody
            attach(self._socket, echo_filter(port))

    def exchange(self, concerns: Concerns) -> None:
        """Let something else concern us: then everything must be read anew."""
        if concerns != self._concerns:
            self._concerns, self._stale = concerns, True
            self._pause()

    def catch_up(self) -> None:
        """Read some of the notifications that have arrived. Never blocks."""
        if self._stale or self._resyncing:
            return
        self._behind = True
        for _ in range(SLICE):
            try:
                data = self._socket.recv(_RECEIVE)
            except BlockingIOError:
                self._behind = False
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._stale = self._overflowed = True
                break
            self._picture.apply(data)
        # An interface that has become ours has addresses that were passed by.
        self._stale = self._stale or bool(self._picture.missing())
        if self._stale:
            self._pause()

    async def resync(self) -> None:
        """Read everything anew, or wait for the reading that is under way. Raises OSError.

        It is stale afterwards if more was lost meanwhile. Giving up the wait does not end the reading.
        """
        await Wait(self._join)

    def _join(self, resume: Resume) -> None:
        self._waiting.append(resume)
        if self._resyncing is None:
            self._resyncing = Task(self._resync(), self._resynced)
            self._resyncing.start()

    async def _resync(self) -> None:
        self._pause()
        # From now on nothing that the socket holds is believed, and it is thrown away.
        self._stale = True
        concerns = self._concerns
        picture = await self._workers.dumps.run(partial(self._read_everything, concerns))
        picture.generation = self._picture.generation + 1
        self._picture, self._stale, self._behind = picture, concerns != self._concerns, True

    def _resynced(self, task: Task[None]) -> None:
        """Watch again, and let everybody go on who has waited for it."""
        self._resyncing = None
        error = None
        try:
            task.result()
        except OSError as refused:
            error = refused
        if not self._stale and self._wake is not None:
            self._loop.watch(self._socket.fileno(), self._arrived)
        self.catch_up()
        waiting, self._waiting = self._waiting, []
        for resume in waiting:
            resume(None, error)

    async def settle(self) -> None:
        """Return once the view is current. Raises OSError when the kernel cannot be read."""
        self.catch_up()
        while not self.current:
            if self._stale or self._resyncing:
                with suppress(InterruptedReadError):
                    await self.resync()
            else:
                await next_turn(self._loop)
            self.catch_up()

    def _pause(self) -> None:
        """Do not be woken: nothing is read until everything was read anew."""
        if self._wake is not None:
            self._loop.forget(self._socket.fileno())

    def _arrived(self) -> None:
        """Read, and wake only for what concerns us: not for the echo of our own renewals."""
        before = self._picture.generation
        self.catch_up()
        if self._wake is not None and (self._behind or self._stale or self._picture.generation != before):
            self._wake()

    def _read_everything(self, concerns: Concerns) -> KernelPicture:
        """Return a new picture. Changes after its beginning are in the socket then. For a worker."""
        discard(self._socket)  # what is queued now is older than the dump that follows
        return read_picture(self._picture, concerns)

    # ---- what others ask

    def index(self, interface: str) -> int | None:
        """Return the index of an interface, None if there is none that is chosen so."""
        link = self.link(interface)
        return None if link is None else link.index

    def link(self, interface: str) -> Link | None:
        """Return the interface that is chosen so, by name or by what it carries, None if there is none."""
        return self._picture.link(interface)

    def state(self, interface: str, vips: Collection[Address]) -> InterfaceState | None:
        """Return the state of an interface. VIPs are no source addresses, whoever holds them.

        Link-local addresses come first: IPv6 is sent from one (RFC 9568 section 5.1.2.1). Where an interface
        has no more what it was chosen by, none of its addresses is one to send from.
        """
        link, lost = self.link(interface), self._picture.has_lost(interface)
        if link is None:
            return None
        usable = [
            held
            for held in (() if lost else link.addresses.values())
            # Without marks, what is leased may be the host's own address, from DHCP or an IPv6 router.
            if not (held.ours and self._picture.marks) and held.usable and held.interface.ip not in vips
        ]
        usable.sort(key=lambda held: held.rank)
        addresses = tuple(held.interface.ip for held in usable)
        return InterfaceState(
            link.index, link.up, link.mac, addresses, link.forwarding, name=link.name, lost=lost
        )

    def missing(self, interface: str) -> str:
        """Return why there is no such interface, as a sentence."""
        return missing_interface(interface, self._picture.candidates(interface), self._picture.links.values())

    def holds(self, interface: str, vips: Iterable[Vip]) -> Holds:
        """Return which of the VIPs that belong on this interface the kernel has, and where."""
        wanted = {vip.ip: vip for vip in vips}
        here = self.link(interface)
        owned: set[Vip] = set()
        foreign: set[tuple[str, Vip, str]] = set()
        duplicate: set[Vip] = set()
        strays: set[tuple[str, Vip]] = set()
        for link, held in self._picture.places(wanted.values()):
            vip = wanted[held.interface.ip]
            if held.of_one_link and (here is None or link.segment != here.segment):
                continue
            if not held.ours:
                foreign.add((link.name, held.interface, held.peer))
            elif link is not here or held.interface != host_address(vip):
                strays.add((link.name, held.interface))
            else:
                owned.add(vip)
                if held.duplicate:
                    duplicate.add(vip)
        return Holds(frozenset(owned), frozenset(foreign), frozenset(duplicate), frozenset(strays))

    async def holds_now(self, interface: str, vips: Iterable[Vip]) -> Holds:
        """As `holds`, certainly as it is now. Raises OSError.

        A view that is not current asks for the addresses of this interface, and of those where it
        believes any of the VIPs to be: not for the world, which may take too long.
        """
        vips = tuple(vips)
        self.catch_up()
        while not self.current:
            before, here = self.generation, self.index(interface)
            indexes = {link.index for link, _ in self._picture.places(vips)} | ({here} if here else set())
            told = await self._workers.requests.run(partial(addresses_of, indexes))
            if self.generation == before:
                for index, data in told.items():
                    self._picture.replace_addresses(index, data)
                break
            # The picture that was read meanwhile may be newer than the notifications.
            self.catch_up()
        return self.holds(interface, vips)
