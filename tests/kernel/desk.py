"""A real Network in the namespace of this thread, and what it says."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Final, TypeVar

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.events import Event, VipsDropped, VipsHeld
from sidecar.core.params import RouterParams, Vip
from sidecar.core.vrrp import Drop
from sidecar.net.network import Network
from tests.netns.bounds import SLOWER

NEVER: Final = 1e18
VIP: Final[Vip] = ip_interface("10.77.0.100/32")
ROUTER: Final = RouterParams("web", "v0", 51, 250, (VIP,))
HOLD: Final = HoldVips("web", "v0", (VIP,), 1, not_after=NEVER)
DROP: Final = DropVips("web", "v0", (VIP,))

Kind = TypeVar("Kind", bound=Event)


@dataclass
class Desk:
    """Everything that a Network said and that was not asked for yet."""

    network: Network
    arrived: asyncio.Event
    said: list[Event]
    troubles: list[tuple[str, str]]
    unread: dict[Drop, int]

    async def until(self, kind: type[Kind], matches: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """Wait for the next event of this kind, hearing as the daemon does."""
        async with asyncio.timeout(SLOWER * 5):
            while True:
                self.said += self.network.hear()
                for event in self.said:
                    if isinstance(event, kind) and matches(event):
                        self.said.remove(event)
                        return event
                await self.arrived.wait()
                self.arrived.clear()

    async def hold(self, command: HoldVips = HOLD) -> VipsHeld:
        """Ask for VIPs and wait for the answer."""
        self.network.perform(command)
        return await self.until(VipsHeld, lambda held: held.router == command.router)

    async def drop(self, command: DropVips = DROP) -> VipsDropped:
        """Have VIPs removed and wait for the answer."""
        self.network.perform(command)
        return await self.until(VipsDropped, lambda dropped: dropped.router == command.router)


@asynccontextmanager
async def desk(*routers: RouterParams) -> AsyncIterator[Desk]:
    """Open a Network for these routers, or for one that has an IPv4 VIP on v0."""
    arrived = asyncio.Event()
    said: list[Event] = []
    troubles: list[tuple[str, str]] = []
    lost: dict[Drop, int] = dict.fromkeys(Drop, 0)

    def post(event: Event) -> None:
        said.append(event)
        arrived.set()

    def trouble(component: str, reason: str, _detail: str) -> None:
        troubles.append((component, reason))

    def unread(_interface: str, reason: Drop, count: int) -> None:
        lost[reason] += count

    network = Network(routers or (ROUTER,), time.monotonic, arrived.set, post, trouble, unread)
    await network.open()
    try:
        yield Desk(network, arrived, said, troubles, lost)
    finally:
        await network.close()
