"""A real Network in the namespace of this thread, and what it says."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_interface
from math import inf
from typing import Final, TypeVar

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import Event, VipsDropped, VipsHeld
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Drop
from sidecar.event_loop import EventLoop
from sidecar.net.network import Network
from tests.netns.bounds import SLOWER

NEVER: Final = 1e18
_TURNS: Final = 0.01
"""Seconds between two turns of the loop at most while something is waited for."""
VIP: Final[Vip] = ip_interface("10.77.0.100/32")
ROUTER: Final = RouterParams("web", "v0", 51, 250, (VIP,))
HOLD: Final = HoldVips("web", "v0", (VIP,), 1, not_after=NEVER)
DROP: Final = DropVips("web", "v0", (VIP,))

Kind = TypeVar("Kind", bound=Event)


@dataclass
class Desk:
    """Everything that a Network said and that was not asked for yet."""

    loop: EventLoop
    said: list[Event]
    troubles: list[tuple[str, str]]
    unread: dict[Drop, int]
    network: Network = field(init=False)
    woken: bool = False
    """Whether the network had something to hear since this was unset."""

    def wake(self) -> None:
        """The network has something to hear."""
        self.woken = True

    def note(self, event: Event) -> None:
        """Take an answer to a command."""
        self.said.append(event)
        self.woken = True

    def note_trouble(self, component: str, reason: str, _detail: str) -> None:
        """Take what went wrong."""
        self.troubles.append((component, reason))

    def note_unread(self, _interface: str, reason: Drop, count: int) -> None:
        """Take how many packets were thrown away unread."""
        self.unread[reason] += count

    def hear(self) -> list[Event]:
        """Return everything that can be heard now, and no answer."""
        self.loop.turn(-inf)
        return self.network.hear()

    def wait(self, seconds: float) -> bool:
        """Wait until the network has something to hear, at most so long. Return whether it has.

        That a renewal was granted wakes nobody: there are turns for other reasons, as in a router.
        """
        ends = self.loop.clock() + seconds
        while not self.woken and self.loop.clock() < ends:
            self.loop.turn(min(ends, self.loop.clock() + _TURNS))
        woken, self.woken = self.woken, False
        return woken

    def rest(self, seconds: float) -> None:
        """Do nothing for so long but what the loop has to do."""
        ends = self.loop.clock() + seconds
        while self.loop.clock() < ends:
            self.loop.turn(ends)

    def until(
        self,
        kind: type[Kind],
        matches: Callable[[Kind], bool] = lambda _: True,
        pulse: float = SLOWER * 5,
    ) -> Kind:
        """Wait for the next event of this kind, hearing as the daemon does: at least once in each `pulse`."""
        ends = self.loop.clock() + SLOWER * 5
        while self.loop.clock() < ends:
            self.said += self.network.hear()
            for event in self.said:
                if isinstance(event, kind) and matches(event):
                    self.said.remove(event)
                    return event
            self.wait(min(pulse, ends - self.loop.clock()))
        raise TimeoutError(f"no {kind.__name__} came, but {self.said}")

    def hold(self, command: HoldVips = HOLD) -> VipsHeld:
        """Ask for VIPs and wait for the answer."""
        self.network.perform(command)
        return self.until(VipsHeld, lambda held: held.router == command.router)

    def drop(self, command: DropVips = DROP) -> VipsDropped:
        """Have VIPs removed and wait for the answer."""
        self.network.perform(command)
        return self.until(VipsDropped, lambda dropped: dropped.router == command.router)


@contextmanager
def desk(*routers: RouterParams) -> Iterator[Desk]:
    """Open a Network for these routers, or for one that has an IPv4 VIP on v0."""
    loop = EventLoop()
    d = Desk(loop, [], [], dict.fromkeys(Drop, 0))
    d.network = Network(
        routers or (ROUTER,), loop, time.monotonic, d.wake, d.note, d.note_trouble, d.note_unread
    )
    d.network.open()
    try:
        yield d
    finally:
        d.network.close()
        loop.close()
