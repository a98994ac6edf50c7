"""The shell around the core: sense, decide, act, report. Nothing is decided here.

Threads: this loop alone speaks VRRP and touches addresses. Checks have a loop of their own, so do
pools, Docker, the status servers and the log; they reach this loop only by the inbox and read only the
board. Whatever hangs there cannot delay an advertisement here.
"""

import gc
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.checks.runner import CheckRunner
from sidecar.clock import clock
from sidecar.core.actions import (
    Action,
    Announce,
    CheckChanged,
    Command,
    SendAdvert,
)
from sidecar.core.events import (
    AdvertSent,
    SendFailed,
    Stalled,
    Started,
    StopRequested,
)
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.snapshot import merged
from sidecar.event_loop import EventLoop
from sidecar.inbox import Inbox
from sidecar.messenger import Messenger
from sidecar.net.network import Network
from sidecar.net.router_lock import Held, RouterLocks
from sidecar.plan.plan import ObserverPlan, Plan
from sidecar.pools.keeper import PoolKeeper
from sidecar.signals import Signals, name_of
from sidecar.stall import StallMeter, StallWatch
from sidecar.telemetry.board import Board
from sidecar.telemetry.http_server import StatusServer
from sidecar.telemetry.listener import ControlInUse
from sidecar.telemetry.log import LogOutput
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.pool_reporter import PoolReporter
from sidecar.telemetry.reporter import Reporter
from sidecar.telemetry.status import render
from sidecar.wall_clock import WallClock

HEARTBEAT: Final = 0.5
"""Seconds between two beats on the board at most, also when nothing happens."""
STOP_TIMEOUT: Final = 0.4
"""Seconds a requested stop may take. What is left then expires with its lease."""
SWITCH_INTERVAL: Final = 0.001
"""Seconds another thread may keep the interpreter: the bound of what it costs an advert."""


def run(whole: Plan) -> int:
    """Run until a signal ends it. Return 0 after a clean stop, 1 after any other, 2 if it cannot start."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    params, plan = whole.node, whole.observer
    board = Board(clock)
    board.config_hash = plan.shared_hash
    board.config_shared_hash = int(board.config_hash, 16)
    board.docker_connected = None if plan.docker is None else False
    output = LogOutput(plan.log, plan.node)
    metrics = Metrics(params, board, lambda: output.dropped)
    metrics.prepare_pools(pool.name for pool in plan.pools)
    for warning in plan.warnings:
        output.logger.warning("config", detail=warning)
    with ExitStack() as stack:
        stack.callback(output.close)
        loop = EventLoop()
        stack.callback(loop.close)
        shell = _Shell(plan, params, board, output.logger, metrics, loop)
        stack.callback(shell.signals.close)
        stack.callback(shell.locks.close)
        try:
            # Before anything that a second sidecar could take away from the first one.
            shell.acquire_locks()
            for where in (Path(plan.control.socket), plan.http.listen):
                server = StatusServer(where, board, metrics, output.logger)
                server.start()
                stack.callback(server.stop)
        except (ControlInUse, Held) as refused:
            output.logger.critical("start", detail=str(refused))
            return 2
        except _StoppedError as stopped:
            output.logger.info("stop", detail=f"{stopped} before it began")
            return 0
        return shell.live()
    raise AssertionError("unreachable: no callback swallows exceptions")


class _StoppedError(Exception):
    """A stop was requested while something was waited for. The text says by which signal."""


class _Shell:
    def __init__(
        self,
        plan: ObserverPlan,
        params: NodeParams,
        board: Board,
        log: FilteringBoundLogger,
        metrics: Metrics,
        loop: EventLoop,
    ) -> None:
        self.plan = plan
        self.params = params
        self.board = board
        self.log = log
        self.reporter = Reporter(metrics, log)
        self.pool_reporter = PoolReporter(metrics, log)
        self.locks = RouterLocks()
        self._loop = loop
        self._inbox = Inbox(loop)
        self.signals = Signals(loop, self._stop, self._dump, self._ignored)

    def acquire_locks(self) -> None:
        """Make sure that no other sidecar has what we are to have. Raises Held, _StoppedError."""
        self.locks.acquire(
            self.params.routers,
            lambda detail: self.log.warning("start", detail=detail),
            pause=self._wait_for_stop,
        )

    def live(self) -> int:
        """Sense, decide, act, report until the node has stopped; leave no VIP behind whatever happens."""
        inbox = self._inbox
        self.locks.attend(self._loop)
        pulse = StallWatch(HEARTBEAT)
        messenger = Messenger(
            self.params.checks,
            self.board,
            self.reporter,
            self.pool_reporter,
            self.log,
            inbox,
            self._loop,
            pulse,
        )
        node = Node(self.params, clock())
        network = Network(
            self.params.routers,
            self._loop,
            clock,
            inbox.wake,
            inbox.post,
            messenger.trouble,
            messenger.unread,
        )
        runner = CheckRunner(self.plan.checks, self.plan.docker, messenger)
        keeper = PoolKeeper(self.plan.pools, self.plan.docker, messenger, clock)
        self.log.info("start", version=self.board.version, routers=[r.name for r in self.params.routers])
        try:
            network.open()
        except OSError as refused:
            self.log.critical("start", detail=f"the network cannot be used: {refused}")
            return 2
        try:
            runner.start()
            keeper.start()
            gc.collect()
            gc.freeze()
            self._serve(node, network, runner, messenger, pulse)
        except Exception:
            self.log.exception("crash", detail="releasing the VIPs")
            return 1
        finally:
            left = network.abandon(self._resignations(node))
            runner.stop(timeout=0.2)
            keeper.stop(timeout=0.2)
            network.close()
        if left:
            self.log.warning("stop", detail=f"not released, will expire: {'; '.join(left)}")
            return 1
        self.log.info("stop", detail="all VIPs released")
        return 0

    def _resignations(self, node: Node) -> dict[str, SendAdvert]:
        """Return the farewells of all MASTERs. A node that has crashed may be unable to say them."""
        try:
            return node.resignations(clock())
        except Exception:
            self.log.exception("crash", detail="leaving without a farewell")
            return {}

    def _serve(
        self,
        node: Node,
        network: Network,
        runner: CheckRunner,
        messenger: Messenger,
        pulse: StallWatch,
    ) -> None:
        inbox, wall = self._inbox, WallClock()
        stalls = StallMeter(pulse)
        inbox.post(Started())
        due, give_up = clock(), inf
        while not node.stopped and clock() < give_up:
            self._loop.turn(-inf if inbox.waiting else due)
            pulse.beat()
            if not inbox.take_woken() and clock() < due:
                continue
            events = [*wall.steps(), *network.hear(), *inbox.empty()]
            if inbox.refused:
                messenger.trouble("loop", "inbox_full", f"{inbox.refused} events were refused")
                inbox.refused = 0
            now = clock()
            pulse.beat()
            if (stalled := stalls.news()) > 0:
                self.log.info("stall", seconds=round(stalled, 3), detail="this process did not run")
                events.insert(0, Stalled(stalled))
            if any(isinstance(event, StopRequested) for event in events):
                give_up = now + STOP_TIMEOUT
            if not events and now < due:
                continue
            actions = node.step(events, now)
            self._act(actions, network)
            for action in actions:
                if isinstance(action, CheckChanged):
                    runner.verdict(action.check, up=action.up)
            self.reporter.note(now, actions)
            snapshot = node.snapshot(now)
            checks = merged(snapshot.checks, messenger.health.snapshot)
            self.board.publish(replace(snapshot, checks=checks))
            self.board.beat(now)
            due = min(node.deadline, now + HEARTBEAT, give_up)

    def _act(self, actions: Iterable[Action], network: Network) -> None:
        """Carry out the commands in their order. What is known at once comes back as an event."""
        unheard: set[str] = set()
        for action in actions:
            if not isinstance(action, Command) or (
                isinstance(action, Announce) and action.if_heard and action.router in unheard
            ):
                continue
            answer = network.perform(action)
            if answer is None or isinstance(answer, AdvertSent):
                self.reporter.performed(action)
            elif isinstance(answer, SendFailed) and answer.unheard:
                unheard.add(answer.router)
            if answer is not None:
                self._inbox.post(answer)

    def _wait_for_stop(self, seconds: float) -> None:
        """Wait so long. Raises _StoppedError if a stop is requested meanwhile."""
        ends = clock() + seconds
        while clock() < ends:
            self._loop.turn(ends)
            for event in self._inbox.empty():
                if isinstance(event, StopRequested):
                    raise _StoppedError(event.detail)

    def _stop(self, number: int) -> None:
        self._inbox.post(StopRequested(f"stopped by {name_of(number)}"))

    def _ignored(self, number: int, why: str) -> None:
        self.log.warning("signal", detail=f"{name_of(number)} ignored: {why}")

    def _dump(self) -> None:
        view = self.board.view()
        if view is not None:
            self.log.info("status", status=render(view))
