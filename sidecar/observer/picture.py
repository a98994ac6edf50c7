"""From what the router tells piece by piece to one picture of everything."""

from collections.abc import Callable
from dataclasses import replace

from sidecar.channel.down import CheckShown, Pulse, RouterShown
from sidecar.core.health.snapshot import CheckSnapshot, merged
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.status_store import StatusStore


class Picture:
    """Keeps the status store up to date. `observed` returns what this process has seen of the checks itself.

    What the router has told is shown with its pulse, and nothing before every one of the `routers` and
    `checks`, by number, was told.
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
        self._shown: Snapshot | None = None
        """As the router has told it."""
        status_store.node, status_store.processes = node, Processes(observer)

    def exchange(self, node: str, routers: int, checks: int) -> None:
        """Other routers and checks are told from now on. Until all are, the last picture stays."""
        self._node, self._number = node, (routers, checks)
        self._status_store.node = node
        self._routers.clear()
        self._checks.clear()

    def take(self, told: RouterShown | CheckShown) -> None:
        """A router stands like this now, or this is believed of a check: shown with the next pulse."""
        match told:
            case RouterShown(index, router):
                self._routers[index] = router
            case CheckShown(index, check):
                self._checks[index] = check

    def pulse(self, told: Pulse) -> None:
        """The router lives, and everything was told until then: show it."""
        process = told.process
        facts = RouterFacts(
            process.pid,
            process.uid,
            process.effective,
            process.permitted,
            process.bounding,
            process.lost,
            process.malformed,
            process.locked,
        )
        self._status_store.processes = Processes(self._observer, facts)
        self._status_store.began(told.started_at)
        self._status_store.config_reload_ok = not told.reload_failed
        if told.reload_failed:
            self._status_store.trouble("reload", f"the configuration was not applied: {told.reload_failed}")
        else:
            self._status_store.settled("reload")
        if (len(self._routers), len(self._checks)) == self._number:
            self._shown = Snapshot(
                self._node,
                told.at,
                tuple(self._routers[index] for index in sorted(self._routers)),
                tuple(self._checks[index] for index in sorted(self._checks)),
                told.stopping,
            )
        self.show_checks()
        self._status_store.beat(told.at)

    def show_checks(self) -> None:
        """Show the last results of the checks, and of all else what the router has told."""
        if (shown := self._shown) is not None:
            self._status_store.publish(replace(shown, checks=merged(shown.checks, self._observed())))
