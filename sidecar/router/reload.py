"""A reload as a whole: read the file again, see that everything can be had, then exchange everything at once.

What can refuse comes before anything is touched: the file, the locks of new routers, the addresses to listen
on. Afterwards routers that are no more resign and give up their VIPs; then network, core and observer get the
new plan in one go. One reload at a time; those who ask meanwhile wait.
"""

import gc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sidecar.channel.malformed import Malformed
from sidecar.channel.package import Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.channel.reload import Reading, Reloaded, ReloadResult
from sidecar.core.params import NodeParams
from sidecar.event_loop import EventLoop, Timer
from sidecar.net.router_lock import Held
from sidecar.router.handed import Handed
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.rereading import Rereading

LISTENING: Final = 10.0
"""Seconds that the observer may need to listen where the new plan says."""
LEAVING: Final = 5.0
"""Seconds that routers may need to give up their VIPs. After that the leases end them."""
WAITING: Final = 8
"""Wishes that may wait for the end of a reload."""


class Hands(Protocol):
    """The effects of a reload on the router. All of it is for the thread of the loop."""

    def lock(self, params: NodeParams) -> None:
        """Take the locks of new routers. Raises Held, and then has taken none."""

    def unlock(self) -> None:
        """Free the locks of routers that do not come."""

    def prepare(self, number: int, handed: Handed, prepared: Callable[[str], None]) -> None:
        """Have the observer listen where the new plan says; `prepared` gets why not, or ""."""

    def abandon(self) -> None:
        """The observer may forget that plan."""

    def leave(self, params: NodeParams) -> None:
        """Have the routers resign that are not among these."""

    def left(self, params: NodeParams) -> bool:
        """Whether they have."""

    def exchange(self, params: NodeParams) -> None:
        """Use the new plan everywhere from now on."""

    def tell(self, outcome: Reloaded, *, failed: str | None) -> None:
        """Tell what became of it; `failed`: why the file cannot be applied, "": it is, None: not tried."""


@dataclass(frozen=True, slots=True)
class _Next:
    """What a file means by now, and what a reload of it would change, as told."""

    package: Package
    params: NodeParams
    told: bytes


class Reload:
    """Reloads of one life of the router. `file` is what it was started with, `present` what counts now."""

    def __init__(self, loop: EventLoop, file: str, present: Package, hands: Hands) -> None:
        self._loop = loop
        self._file = file
        self._present = present
        self._hands = hands
        self._waiting: deque[tuple[int, bool]] = deque()
        self._asked: tuple[int, bool] | None = None
        """Number and kind of the wish that is being carried out."""
        self._reading: Rereading | None = None
        self._next: _Next | None = None
        self._timer: Timer | None = None
        self._leaving = self._late = self._begun = self._over = False
        self._plans = 0

    @property
    def child(self) -> int | None:
        """The process that reads the file, None if there is none."""
        return None if self._reading is None else self._reading.pid

    def begin(self) -> None:
        """The router is at work: what was asked for before is done now."""
        self._begun = True
        self._go_on()

    def ask(self, number: int = 0, *, dry_run: bool = False) -> None:
        """Somebody wants a reload, or to know what it would change. 0: nobody waits for the outcome."""
        if self._over:
            self._tell(number, ReloadResult.REFUSED, "the sidecar is stopping", failed=None)
        elif (number, dry_run) == (0, False) and (0, False) in self._waiting:
            pass  # the file will be read after this moment
        elif len(self._waiting) >= WAITING:
            why = f"{WAITING} others wait for the end of a reload already; ask again later"
            self._tell(number, ReloadResult.REFUSED, why, failed=None)
        else:
            self._waiting.append((number, dry_run))
            self._go_on()

    def look(self) -> None:
        """After each step: exchange everything, if nothing is in the way any more."""
        # Here and nowhere else: everything that was told before was heard with the old parameters.
        following = self._next if self._leaving and not self._over else None
        if following is not None and (self._late or self._hands.left(following.params)):
            self._commit(following)

    def stop(self) -> None:
        """The router ends. Nothing is exchanged any more."""
        self._over = True
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._timer is not None:
            self._timer.cancel()

    # ---- the steps of one reload

    def _go_on(self) -> None:
        if not self._begun or self._over or self._asked is not None or not self._waiting:
            return
        self._asked = self._waiting.popleft()
        self._reading = Rereading(self._loop, self._file, self._read)
        self._reading.start(self._present)

    def _read(self, reading: Reading) -> None:
        self._reading = None
        _, dry_run = self._asked or (0, False)
        if reading.package is None:
            self._refuse(reading.why, reading.told)
            return
        try:
            params = NODE_PARAMS.decode(reading.package.node)
        except Malformed as error:
            self._refuse(f"the configuration makes no sense to the router: {error}", reading.told)
            return
        if reading.package == self._present:
            self._end(ReloadResult.UNCHANGED, reading.told, failed=None if dry_run else "")
        elif dry_run:
            self._end(ReloadResult.PLANNED, reading.told, failed=None)
        else:
            self._prepare(_Next(reading.package, params, reading.told))

    def _prepare(self, following: _Next) -> None:
        try:
            self._hands.lock(following.params)
        except Held as held:
            self._refuse(str(held), following.told)
            return
        self._next, self._plans = following, self._plans + 1
        self._timer = self._loop.call_later(LISTENING, self._not_listening)
        package = following.package
        handed = Handed(package.observer, following.params.checks, IcmpSockets(package.ipv4, package.ipv6))
        self._hands.prepare(self._plans, handed, self._prepared)

    def _not_listening(self) -> None:
        self._prepared(f"the observer did not say within {LISTENING:.0f} s that it can have the new plan")

    def _prepared(self, why: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._next is None or self._over:
            return
        following = self._next
        if why:
            self._next = None
            self._hands.abandon()
            self._hands.unlock()
            self._refuse(why, following.told)
            return
        self._leaving, self._late = True, False
        self._timer = self._loop.call_later(LEAVING, self._left_late)
        self._hands.leave(following.params)

    def _left_late(self) -> None:
        self._late = True

    def _commit(self, following: _Next) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._leaving, self._next, self._present = False, None, following.package
        self._hands.exchange(following.params)
        self._end(ReloadResult.APPLIED, following.told, failed="")

    def _over_with(self, result: ReloadResult, why: str, told: bytes, *, failed: str | None) -> None:
        number, _ = self._asked or (0, False)
        self._asked = None
        self._tell(number, result, why, told, failed=failed)
        # Addresses and routers refer to themselves, and the collector comes by itself only after thousands of
        # them: without this the process would grow with each reload.
        self._loop.call_soon(_collect)
        self._go_on()

    def _refuse(self, why: str, told: bytes) -> None:
        _, dry_run = self._asked or (0, False)
        self._over_with(ReloadResult.REFUSED, why, told, failed=None if dry_run else why)

    def _end(self, result: ReloadResult, told: bytes, *, failed: str | None) -> None:
        self._over_with(result, "", told, failed=failed)

    def _tell(
        self, number: int, result: ReloadResult, why: str, told: bytes = b"", *, failed: str | None
    ) -> None:
        self._hands.tell(Reloaded(number, result, why, told), failed=failed)


def _collect() -> None:
    gc.collect()
