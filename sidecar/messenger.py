"""Brings what checks, pools and Docker say from their threads to the loop, the log and the board."""

from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from sidecar.checks.health_keeper import HealthKeeper
from sidecar.clock import clock
from sidecar.core.actions import CheckFinished, PacketDropped, Warned
from sidecar.core.events import CheckResult
from sidecar.core.health import HealthReport
from sidecar.core.params import CheckParams
from sidecar.core.pool_events import PoolReport
from sidecar.core.pool_snapshot import PoolSnapshot
from sidecar.core.vrrp import Drop
from sidecar.event_loop import EventLoop
from sidecar.inbox import Inbox
from sidecar.stall import StallWatch
from sidecar.telemetry.board import Board
from sidecar.telemetry.pool_reporter import PoolReporter
from sidecar.telemetry.reporter import Reporter


class Messenger:
    """Counts, logs, and leaves in the inbox of the loop what a router must hear."""

    def __init__(
        self,
        checks: tuple[CheckParams, ...],
        board: Board,
        reporter: Reporter,
        pool_reporter: PoolReporter,
        log: FilteringBoundLogger,
        inbox: Inbox,
        loop: EventLoop,
        stalls: StallWatch,
    ) -> None:
        self._board = board
        self._reporter = reporter
        self._pool_reporter = pool_reporter
        self._log = log
        self._inbox = inbox
        self._loop = loop
        self.health = HealthKeeper(checks, stalls, self._tell, self._wake_at)

    def result(self, check: str, result: CheckResult) -> None:
        """Report the result of a check."""
        self.health.result(check, result)

    def _tell(self, reports: Iterable[HealthReport]) -> None:
        for report in reports:
            if isinstance(report, CheckFinished):
                self._reporter.note(clock(), [report])
            else:
                self._inbox.post_from_thread(report)

    def _wake_at(self, when: float) -> None:
        def ask() -> None:
            self._loop.call_at(when, self.health.tick)

        self._loop.call_soon(ask)

    def docker(self, connected: bool, detail: str) -> None:
        """Report that Docker answers, or why not."""
        if connected:
            self._board.settled("docker")
        else:
            self._board.trouble("docker", detail)
        if self._board.docker_connected is not connected:
            self._board.docker_connected = connected
            self._log.info("docker", connected=connected, detail=detail)

    def pool_reports(self, reports: Iterable[PoolReport]) -> None:
        """Report what happened to a pool. Nothing of it concerns the loop."""
        self._pool_reporter.note(clock(), reports)

    def pools(self, snapshots: tuple[PoolSnapshot, ...]) -> None:
        """Show the latest picture of all pools."""
        self._board.pools = snapshots

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong and is being mended."""
        self._reporter.note(clock(), [Warned(None, component, reason, detail)])

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Report that a container was restarted, or why not."""
        self._reporter.restarted(check, result, detail, quiet=quiet)

    def unread(self, interface: str, reason: Drop, count: int) -> None:
        """Count packets that the kernel threw away."""
        self._reporter.note(clock(), [PacketDropped(None, interface, None, reason, count)])
