"""Which of the observer's messages are events, where these are kept, and drains, which are some."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.channel.down import Beat, Down, Line, Noted, Pulse, RouterEnds
from sidecar.channel.reload import Reloaded, ReloadResult
from sidecar.clock import clock
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.reports import CheckFinished
from sidecar.core.pool.events import PoolReport
from sidecar.observer.drain import DrainKeeper
from sidecar.observer.life_watch import NodeLost
from sidecar.plan.plan import ObserverPlan
from sidecar.plan.state_folder import state_folder
from sidecar.telemetry.events.boot import boot_id
from sidecar.telemetry.events.failures import FailureTimes
from sidecar.telemetry.events.recorder import EventRecorder
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.routes import Routes
from sidecar.telemetry.status_store import StatusStore

_SERVICE: Final = "events"


class EventKeeper:
    """Keeps what has happened. `trouble` gets component, reason and detail, in whatever thread."""

    def __init__(
        self,
        plan: ObserverPlan,
        restarts: int,
        status_store: StatusStore,
        log: FilteringBoundLogger,
        trouble: Callable[[str, str, str], None],
        wall_of: Callable[[float], float],
    ) -> None:
        """`wall_of` returns a time of the clock of both processes as Unix seconds."""
        self._plan = plan
        self._restarts = restarts
        self._status_store = status_store
        self._log = log
        self._report = trouble
        self._begun = False
        self._drain: DrainKeeper | None = None
        self._store = EventStore(
            Path(state_folder(plan)), time.time, self._failed, lambda: status_store.settled(_SERVICE)
        )
        self._failures = FailureTimes()
        self._recorder = EventRecorder(self._store.put, wall_of, self._failures)
        status_store.events, status_store.boot = self._store, boot_id()

    def router(self, message: Down) -> None:
        """Keep what the router tells, if it is an event."""
        match message:
            case Noted(at, report, suppressed):
                self._recorder.told(at, report, suppressed)
            case Line(at):
                self._recorder.line(at, message)
            case Beat(_, until):
                self._drained(until)
            case Pulse():
                self._pulse(message)
            case Reloaded(_, result, why) if result in (ReloadResult.APPLIED, ReloadResult.REFUSED):
                self._recorder.happened(clock(), "reload", result=result.value, detail=why)
            case RouterEnds():
                self._recorder.happened(clock(), "stopped", detail="it was told to stop, and has ended")
            case _:
                pass

    def finished(self, report: CheckFinished) -> None:
        """Note the result of a check: when it failed is told with the verdict. Called in any thread."""
        self._failures.result(report.check, report.result, clock())

    def node_lost(self, lost: NodeLost) -> None:
        """Keep that the signs of life of another host ended. Called in any thread."""
        self._log.info("node_lost", url=lost.url, name=lost.node, detail=lost.detail)
        self._recorder.node_lost(clock(), lost.url, lost.node, lost.detail, lost.heard_at, closed=lost.closed)

    def hear_drains(self, tell: Callable[[DrainAsked | UndrainAsked], object]) -> None:
        """Let operators drain this host from now on. `tell` tells the router, from any thread."""
        folder = Path(state_folder(self._plan))
        self._drain = DrainKeeper(folder, self._status_store, self._log, tell, self.note, self._report)

    @property
    def routes(self) -> Routes:
        """Further answers of the control socket."""
        return {} if self._drain is None else self._drain.routes

    def pools(self, reports: Iterable[PoolReport]) -> None:
        """Keep what happened to pools."""
        now = clock()
        for report in reports:
            self._recorder.pool(now, report)

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Keep that a container was restarted, or why not, unless that is no news."""
        if not quiet:
            self.note("container_restart", check=check, result=result, detail=detail)

    def note(self, name: str, **fields: object) -> None:
        """Keep an event of this process."""
        self._recorder.happened(clock(), name, **fields)

    def close(self) -> None:
        """Write what is not written yet."""
        self._store.close()

    def _pulse(self, pulse: Pulse) -> None:
        if not self._begun:
            self._begun = True
            self._began(pulse.started_at)
        self._drained(pulse.drained_until)

    def _drained(self, until: float | None) -> None:
        if self._drain is not None:
            self._drain.told(until)

    def _began(self, started_at: float) -> None:
        if self._restarts:
            self._recorder.happened(clock(), "observer_started", restarts=self._restarts)
            return
        self._recorder.happened(
            started_at,
            "started",
            version=self._status_store.version,
            config=self._plan.shared_hash,
            routers=list(self._plan.routers),
            boot=self._status_store.boot,
        )

    def _failed(self, reason: str, why: str) -> None:
        self._report("events", reason, why)
        if reason != "damaged":
            self._status_store.trouble(_SERVICE, why)
