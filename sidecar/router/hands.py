"""The effects of a reload on the parts of the router, in the order in which they must come."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sidecar.channel.down import Level
from sidecar.channel.reload import Reloaded
from sidecar.channel.send_queue import Importance
from sidecar.clock import clock
from sidecar.core.actions import Action
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.net.network import Network
from sidecar.net.router_lock import RouterLocks
from sidecar.router.handed import Handed
from sidecar.router.publisher import Publisher
from sidecar.router.reporter import RouterReporter
from sidecar.router.supervisor import Supervisor


@dataclass(slots=True)
class RouterHands:
    """The parts of one router. `act` carries out and reports actions.

    `soon` has the core stepped at once, `pulse` tells how everything stands.
    """

    node: Node
    network: Network
    locks: RouterLocks
    supervisor: Supervisor
    publisher: Publisher
    reporter: RouterReporter
    act: Callable[[list[Action], float], None]
    soon: Callable[[], None]
    pulse: Callable[[], None]

    def lock(self, params: NodeParams) -> None:
        """Take the locks of new routers. Raises Held, and then has taken none."""
        warn = partial(self.supervisor.talk.say, Level.WARNING, "no_lock")
        self.locks.acquire(params.routers, lambda why: warn(detail=why), wait=0.0)

    def unlock(self) -> None:
        """Free the locks of routers that do not come."""
        self.locks.keep(self.node.params.routers)

    def prepare(self, number: int, handed: Handed, prepared: Callable[[str], None]) -> None:
        """Have the observer listen where the new plan says."""
        self.supervisor.prepare(number, handed, prepared)

    def abandon(self) -> None:
        """The observer may forget that plan."""
        self.supervisor.abandon()

    def leave(self, params: NodeParams) -> None:
        """Have the routers resign that are not among these."""
        self.node.leave(params, clock())
        self.soon()

    def left(self, params: NodeParams) -> bool:
        """Whether they have, and no answer of the kernel could be taken for that to another router."""
        return self.node.ready_for(params)

    def exchange(self, params: NodeParams) -> None:
        """Use the new plan everywhere: network, core, observer."""
        now = clock()
        self.network.exchange(params.routers)
        actions = self.node.exchange(params, now)
        # Before anything is told of the routers: it counts in the new plan.
        self.supervisor.commit()
        self.act(actions, now)
        self.locks.keep(params.routers)
        self.reporter.keep(router.name for router in params.routers)
        self.publisher.forget()
        self.pulse()
        self.soon()

    def tell(self, outcome: Reloaded, *, failed: str | None) -> None:
        """Tell what became of a reload, and what stays wrong until a file can be applied."""
        if failed is not None and failed != self.publisher.reload_failed:
            self.publisher.reload_failed = failed
            self.pulse()
        self.supervisor.talk.tell(outcome, Importance.LOUD)
