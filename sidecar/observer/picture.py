"""From what the router tells piece by piece to one picture of everything."""

from collections.abc import Callable

from sidecar.channel.down import CheckShown, Pulse, RouterShown
from sidecar.core.health.snapshot import CheckSnapshot, merged
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.status_store import StatusStore


class Picture:
    """Keeps the status store up to date. `observed` returns what this process has seen of the checks itself.

    Nothing is shown before every one of the `routers` and `checks`, by number, was told.
    """

    def __init__(
        self,
        status_store: StatusStore,
        node: str,
        routers: int,
        checks: int,
        observer: ObserverFacts,
        observed: Callable[[], tuple[CheckSnapshot, ...]],
    ) -> None:
        self._status_store = status_store
        self._node = node
        self._number = routers, checks
        self._routers: dict[int, RouterSnapshot] = {}
        self._checks: dict[int, CheckSnapshot] = {}
        self._observer = observer
        self._observed = observed
        self._stopping = False
        self._at = 0.0
        status_store.processes = Processes(observer)

    def exchange(self, node: str, routers: int, checks: int) -> None:
        """Other routers and checks are told from now on. Until all are, the last picture stays."""
        self._node, self._number = node, (routers, checks)
        self._routers.clear()
        self._checks.clear()

    def router(self, told: RouterShown) -> None:
        """A router stands like this now."""
        self._routers[told.index] = told.snapshot
        self.show()

    def check(self, told: CheckShown) -> None:
        """A check is believed to be like this now."""
        self._checks[told.index] = told.snapshot
        self.show()

    def pulse(self, told: Pulse) -> None:
        """The router lives."""
        process = told.process
        facts = RouterFacts(
            process.pid,
            process.uid,
            process.effective,
            process.permitted,
            process.bounding,
            process.lost,
            process.malformed,
        )
        self._status_store.processes = Processes(self._observer, facts)
        self._status_store.began(told.started_at)
        self._status_store.config_reload_ok = not told.reload_failed
        if told.reload_failed:
            self._status_store.trouble("reload", f"the configuration was not applied: {told.reload_failed}")
        else:
            self._status_store.settled("reload")
        self._stopping, self._at = told.stopping, told.at
        self.show()
        self._status_store.beat(told.at)

    def show(self) -> None:
        """Show everything, with the last results of the checks."""
        if (len(self._routers), len(self._checks)) != self._number:
            return
        checks = tuple(self._checks[index] for index in sorted(self._checks))
        self._status_store.publish(
            Snapshot(
                self._node,
                self._at,
                tuple(self._routers[index] for index in sorted(self._routers)),
                merged(checks, self._observed()),
                self._stopping,
            )
        )
