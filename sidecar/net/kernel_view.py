"""What the kernel says of the interfaces and addresses that matter to us, now.

A netlink socket hears every change. It is read by hand right before each decision, a bounded number of
messages at a time, so that a burst of thousands delays nothing. The view is `current` when all that has
arrived was read: the kernel queues a notification before it answers the request that caused it, so a
current view is never older than an answer.

When notifications were lost (ENOBUFS) everything is read anew, in a thread and beside the old picture,
which answers until the new one is whole; if more was lost meanwhile, it is read again. Whoever must be
certain before that (a removal must not miss an address, nor hit another's) asks for a few interfaces
alone: `holds_now`.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from sidecar.core.events import InterfaceState
from sidecar.core.params import Vip
from sidecar.net.host_address import host_address
from sidecar.net.interface_choice import missing_interface
from sidecar.net.kernel_link import Link
from sidecar.net.kernel_picture import Concerns, Holds, KernelPicture
from sidecar.net.kernel_reader import InterruptedReadError, KernelReader
from sidecar.net.mark import kernel_marks

SLICE: Final = 256
"""Notifications read in one turn of the loop: some 4 ms if all are about links, 1 ms if about addresses."""

ATTEMPTS: Final = 5
"""Times that the addresses of one interface are asked for, if they change while they are told."""

_GROUPS: Final = 0x1 | 0x10 | 0x100 | 1 << 24  # links, IPv4 and IPv6 addresses, IPv6 settings of interfaces
_SO_RCVBUFFORCE: Final = 33
_RECEIVE_BUFFER: Final = 1 << 20
"""Bytes for notifications that wait; beyond the host's limit, which NET_ADMIN may exceed."""
_RECEIVE: Final = 1 << 16


class KernelView:
    """The present picture, and whether it can be trusted. All but the reading in a thread is for the loop."""

    def __init__(self, concerns: Concerns, wake: Callable[[], None] | None = None) -> None:
        """Open the socket; `wake` is called when it can be read. Raises OSError."""
        self._picture = KernelPicture(concerns, kernel_marks())
        self._wake = wake
        self._stale = True
        self._behind = False
        self._overflowed = False
        self._resyncing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "kernel-view")
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
    def generation(self) -> int:
        """A number that grows with every change of what concerns us."""
        return self._picture.generation

    def take_overflow(self) -> bool:
        """Whether notifications were lost since the last call."""
        overflowed, self._overflowed = self._overflowed, False
        return overflowed

    def close(self) -> None:
        """Close the socket, and wait for nothing."""
        if self._resyncing is not None:
            self._resyncing.cancel()
        self._pause()
        self._wake = None
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._socket.close()

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

        It is stale afterwards if more was lost meanwhile. Cancelling the wait does not end the reading.
        """
        if self._resyncing is None:
            self._resyncing = asyncio.create_task(self._resync(), name="kernel-view")
        await asyncio.shield(self._resyncing)

    async def _resync(self) -> None:
        self._pause()
        # From now on nothing that the socket holds is believed, and it is thrown away.
        self._stale = True
        try:
            picture = await asyncio.get_running_loop().run_in_executor(self._thread, self._read_everything)
            picture.generation = self._picture.generation + 1
            self._picture, self._stale, self._behind = picture, False, True
        finally:
            self._resyncing = None
            if not self._stale and self._wake is not None:
                asyncio.get_running_loop().add_reader(self._socket.fileno(), self._wake)
        self.catch_up()

    async def settle(self) -> None:
        """Return once the view is current. Raises OSError when the kernel cannot be read."""
        self.catch_up()
        while not self.current:
            if self._stale or self._resyncing:
                with suppress(InterruptedReadError):
                    await self.resync()
            else:
                await asyncio.sleep(0)
            self.catch_up()

    def _pause(self) -> None:
        """Do not be woken: nothing is read until everything was read anew."""
        if self._wake is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())

    def _read_everything(self) -> KernelPicture:
        """Return a new picture. What happens after its beginning is in the socket then. In the thread."""
        self._discard()
        before = self._picture
        picture = KernelPicture(before.concerns, before.marks, chosen=dict(before.chosen))
        with KernelReader() as reader:
            for data in reader.links():
                picture.apply(data)
            for data in reader.addresses():
                picture.apply(data)
            for index in picture.missing():
                picture.replace_addresses(index, reader.addresses(index))
        return picture

    def _discard(self) -> None:
        """Empty the socket: what is queued now is older than the dump that follows."""
        while True:
            try:
                self._socket.recv(_RECEIVE)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    # ---- what others ask

    def index(self, interface: str) -> int | None:
        """Return the index of an interface, None if there is none that is chosen so."""
        link = self.link(interface)
        return None if link is None else link.index

    def link(self, interface: str) -> Link | None:
        """Return the interface that is chosen so, by name or by what it carries, None if there is none."""
        return self._picture.link(interface)

    def state(self, interface: str, vips: Iterable[Vip]) -> InterfaceState | None:
        """Return the state of an interface. VIPs are no source addresses, whoever holds them.

        Link-local addresses come first: VRRP over IPv6 is sent from one (RFC 9568 section 5.1.2.1).
        """
        link = self.link(interface)
        if link is None:
            return None
        excluded = {vip.ip for vip in vips}
        usable = [
            held
            for held in link.addresses.values()
            # Without marks, what is leased may be the host's own address, from DHCP or an IPv6 router.
            if not (held.ours and self._picture.marks) and held.usable and held.interface.ip not in excluded
        ]
        usable.sort(key=lambda held: held.rank)
        addresses = tuple(held.interface.ip for held in usable)
        return InterfaceState(link.index, link.up, link.mac, addresses, link.forwarding, name=link.name)

    def missing(self, interface: str) -> str:
        """Return why there is no such interface, as a sentence."""
        return missing_interface(interface, self._picture.candidates(interface), self._picture.links.values())

    def holds(self, interface: str, vips: Iterable[Vip]) -> Holds:
        """Return which of the VIPs that belong on this interface the kernel has, and where."""
        wanted = {vip.ip: vip for vip in vips}
        here = self.link(interface)
        owned: set[Vip] = set()
        foreign: set[tuple[str, Vip]] = set()
        duplicate: set[Vip] = set()
        strays: set[tuple[str, Vip]] = set()
        for link, held in self._picture.places(wanted.values()):
            vip = wanted[held.interface.ip]
            if held.of_one_link and (here is None or link.segment != here.segment):
                continue
            if not held.ours:
                foreign.add((link.name, held.interface))
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
            told = await asyncio.to_thread(_addresses_of, indexes)
            if self.generation == before:
                for index, data in told.items():
                    self._picture.replace_addresses(index, data)
                break
            # What was read meanwhile may be newer than what was told.
            self.catch_up()
        return self.holds(interface, vips)


def _addresses_of(indexes: Iterable[int]) -> dict[int, list[bytes]]:
    """Return what the kernel says of the addresses of these interfaces. For a thread."""
    return {index: _addresses_of_one(index, ATTEMPTS) for index in indexes}


def _addresses_of_one(index: int, attempts: int) -> list[bytes]:
    try:
        with KernelReader() as reader:
            return list(reader.addresses(index))
    except InterruptedReadError:
        if attempts <= 1:
            raise
    except OSError as refused:
        if refused.errno != errno.ENODEV:
            raise
        return []  # it has gone, and its addresses with it
    return _addresses_of_one(index, attempts - 1)
