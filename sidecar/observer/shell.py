"""The observer: checks, pools, and everything that is shown, each where it can hang without harm to others.

The loop of the main thread talks with the router and does nothing else. Checks and pools have loops of their
own in threads, so have Docker, the status servers and the log.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from sidecar import memory_lock, privileges
from sidecar.channel.down import (
    Beat,
    CheckShown,
    Down,
    HookAsked,
    HookSkipped,
    Line,
    Noted,
    Overheard,
    PlanPiece,
    Pulse,
    RouterEnds,
    RouterShown,
    StatusAsked,
    Totals,
)
from sidecar.channel.endpoint import Hungup
from sidecar.channel.malformed import Malformed
from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.reload import Abandon, Commit, Exchange, MoreSockets, ReloadAsked, Reloaded
from sidecar.channel.up import Alive, Look, Ready, fresh_results
from sidecar.checks.health_keeper import HealthKeeper
from sidecar.checks.icmp_sockets import SOCKETS
from sidecar.checks.runner import CheckRunner
from sidecar.clock import clock
from sidecar.core.actions import CancelHook
from sidecar.core.health.health import HealthReport
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckFinished
from sidecar.core.health.result import CheckResult
from sidecar.core.pool.events import PoolReport
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.observer.channel import Greeting, RouterChannel
from sidecar.observer.events import EventKeeper
from sidecar.observer.hooks import HookKeeper, HookSinks
from sidecar.observer.lan_watch import LanWatch
from sidecar.observer.node_watch import NodeWatch
from sidecar.observer.picture import Picture
from sidecar.observer.plan_exchange import Parts, PlanExchange, places
from sidecar.observer.refresh import Refresh, router_state
from sidecar.observer.shown import Shown
from sidecar.observer.sign_of_life import SignOfLife
from sidecar.plan.plan import ObserverPlan
from sidecar.plan.rules import Rulebook
from sidecar.pools.pool_runner import PoolRunner
from sidecar.telemetry import reload_lines
from sidecar.telemetry.log import LogOutput
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.pool_reporter import PoolReporter
from sidecar.telemetry.processes import ObserverFacts
from sidecar.telemetry.reload_requests import ReloadRequests
from sidecar.telemetry.reporter import Reporter
from sidecar.telemetry.routes import READ_ONLY
from sidecar.telemetry.servers import StatusServers, Where
from sidecar.telemetry.status import render
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from sidecar.wall_clock import UnixTime

_REQUESTS: Final = 1 << 32
"""Numbers of wishes to reload that each observer has for itself."""
_IGNORED: Final = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def run(descriptor: int) -> int:
    """Be the observer of the router at the other end of this socket, until one of the two ends."""
    for number in _IGNORED:
        # A signal to all processes is for the router, which says when it is over.
        signal.signal(number, lambda *_: None)
    try:
        return asyncio.run(_live(descriptor))
    except (Hungup, Malformed, OSError) as error:
        sys.stderr.write(f"the observer has nothing to do: {error}\n")
        return 1


async def _live(descriptor: int) -> int:
    channel = RouterChannel(descriptor)
    greeting = await channel.greeting()
    SOCKETS.take(4, greeting.ipv4)
    SOCKETS.take(6, greeting.ipv6)
    with ExitStack() as stack:
        observer = Observer(channel, greeting, OBSERVER_PLAN.decode(greeting.plan))
        stack.callback(observer.close)
        await observer.live()
    return 0


class Observer:
    """Everything that one observer has."""

    def __init__(self, channel: RouterChannel, greeting: Greeting, plan: ObserverPlan) -> None:
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._life = SignOfLife(self._loop, self._alive, lambda: bool(self._health.snapshot))
        self._output = LogOutput(plan.log, plan.node)
        self._log = self._output.logger
        self._unix = UnixTime()
        self._status_store = store = StatusStore(clock, wall=lambda: self._unix.of(clock()))
        store.configured(plan.shared_hash, docker=plan.docker is not None)
        store.rules = Rulebook(plan.rules, greeting.checks, plan.sync_groups)
        self._refresh = Refresh(self._loop, self._ask, router_state)
        store.look = self._refresh.look
        self._metrics = Metrics(plan.routers, greeting.checks, store, lambda: self._output.dropped)
        self._metrics.show_keepalived_names(plan.metrics.keepalived_names)
        self._metrics.prepare_pools(pool.name for pool in plan.pools)
        self._reporter = Reporter(self._metrics, self._log)
        self._pool_reporter = PoolReporter(self._metrics, self._log)
        self._events = EventKeeper(plan, greeting.restarts, store, self._log, self.trouble, self._unix.of)
        self._events.hear_drains(channel.send_soon)
        sinks = HookSinks(
            self._metrics, self._log, store.hooks, self._events.note, channel.send_soon, self.trouble
        )  # fmt: skip
        self._hooks = HookKeeper(plan.hooks, greeting.restarts, sinks)
        self._health = HealthKeeper(
            greeting.checks, self._life.stalls, self._tell, self._wake_at, greeting.verdicts
        )
        self._picture = Picture(
            store, plan.node, len(plan.routers), len(greeting.checks),
            ObserverFacts(os.getpid(), privileges.of(), greeting.restarts, memory_lock.locked()),
            lambda: self._health.snapshot,
        )  # fmt: skip
        self._requests = ReloadRequests(self._ask_to_reload, greeting.restarts * _REQUESTS + 1)
        self._servers = StatusServers(places(plan), self._server, partial(self.trouble, "http", "listen"))
        self._runner = CheckRunner(plan.checks, plan.docker, self)
        self._keeper = PoolRunner(plan.pools, plan.docker, self, clock)
        self._shown = Shown(store, self._metrics, self._picture, self._refresh, self._life.answer)
        self._lan = LanWatch(store, self.trouble, self._log, self._refresh_soon)
        self._nodes = NodeWatch(plan.nodes, store.show_nodes, self.trouble, self._events.node_lost)
        parts = Parts(
            self._output, store, self._metrics, self._reporter, self._pool_reporter, self._picture,
            self._servers, self._health, self._runner, self._keeper, self._nodes, self._hooks, self._lan,
        )  # fmt: skip
        self._exchange = PlanExchange(parts, plan, greeting.checks, channel.send)
        for warning in () if greeting.restarts else plan.warnings:
            self._log.warning("config_warning", detail=warning)

    async def live(self) -> None:
        """Work until the router says that it is over, or is gone."""
        self._channel.follow(self._receive, self._ended)
        self._servers.start()
        self._runner.start()
        self._keeper.start()
        self._nodes.start()
        self._hooks.start()
        self._channel.send(Ready())
        self._life.give()
        await self._over.wait()

    def close(self) -> None:
        """End everything, and write what the log has."""
        self._exchange.close()
        self._hooks.close()
        self._servers.stop()
        self._runner.stop(timeout=0.05)
        self._keeper.stop(timeout=0.05)
        self._nodes.stop(timeout=0.05)
        self._channel.close()
        self._events.close()
        self._output.close()

    def _alive(self) -> None:
        self._channel.send(Alive(clock(), self._channel.received))
        self._lan.look()

    def _refresh_soon(self) -> None:
        """Have pictures told, and wait for nothing here."""
        self._loop.run_in_executor(None, self._refresh.look)

    def _ask(self, question: Look) -> None:
        """Ask the router, and show what this process knows itself, whether it answers or not."""
        self._picture.show_checks()
        self._channel.send(question)

    def _server(self, where: Where) -> StatusServer:
        # Requests that change something are taken only where our own user alone can ask.
        routes = {**self._requests.routes, **self._events.routes} if isinstance(where, Path) else READ_ONLY
        return StatusServer(where, self._status_store, self._metrics, self._log, routes)

    def _ask_to_reload(self, number: int, dry_run: bool) -> None:
        self._channel.send_soon(ReloadAsked(number, dry_run))

    # ---- what the router tells

    def _receive(self, message: Down) -> None:
        self._events.router(message)
        self._lan.take(message)
        match message:
            case Noted(at, report, suppressed):
                self._reporter.told(report, suppressed, self._log.bind(moment=self._unix.of(at)))
            case Line(at, level, event, fields):
                write = getattr(self._log.bind(moment=self._unix.of(at)), level.value)
                write(event, **dict(fields))
            case Totals() | RouterShown() | CheckShown() | Beat() | Pulse() | Overheard():
                self._shown.take(message)
            case HookAsked() | CancelHook() | HookSkipped():
                self._hooks.take(message)
            case StatusAsked():
                self._log_status()
            case Exchange() | CheckParams() | PlanPiece() | Commit() | Abandon():
                self._exchange.take(message)
            case MoreSockets(ipv4, ipv6):
                SOCKETS.take(4, self._channel.passed(ipv4))
                SOCKETS.take(6, self._channel.passed(ipv6))
            case Reloaded():
                reload_lines.write(self._log, message)
                self._requests.done(message)
            case RouterEnds():
                self._over.set()
            case _:
                self.trouble("channel", "unexpected", f"{type(message).__name__} in the middle of a life")

    def _log_status(self) -> None:
        if (view := self._status_store.view()) is not None:
            self._log.info("status", status=render(view))

    def _ended(self, why: str) -> None:
        self._log.critical("router_lost", detail=f"the router has ended without a word: {why}")
        self._over.set()

    # ---- what checks and pools tell, from their threads

    def result(self, check: str, result: CheckResult) -> None:
        """Take the result of a check."""
        self._health.result(check, result)

    def docker(self, connected: bool, detail: str) -> None:
        """Note that Docker answers, or why not."""
        if self._status_store.docker(connected, detail):
            self._log.info("docker_connected" if connected else "docker_lost", detail=detail)

    def pool_reports(self, reports: Iterable[PoolReport]) -> None:
        """Report what happened to a pool."""
        told = tuple(reports)
        self._pool_reporter.note(clock(), told)
        self._events.pools(told)

    def pools(self, snapshots: tuple[PoolSnapshot, ...]) -> None:
        """Show the latest picture of all pools."""
        self._status_store.pools = snapshots

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong and is being mended."""
        self._reporter.trouble(component, reason, detail, clock())

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Report that a container was restarted, or why not."""
        self._reporter.restarted(check, result, detail, quiet=quiet)
        self._events.restarted(check, result, detail, quiet=quiet)

    def _tell(self, reports: Iterable[HealthReport]) -> None:
        """Called in the thread of a result, or in the loop."""
        for report in reports:
            if isinstance(report, CheckFinished):
                self._reporter.finished(report, clock())
                self._events.finished(report)
                continue
            if isinstance(report, CheckVerdict) and report.up is not None:
                self._runner.verdict(report.check, up=report.up)
            self._loop.call_soon_threadsafe(self._send, report)

    def _wake_at(self, when: float) -> None:
        """Have time told to the checks. Called in the thread of a result, or in the loop."""
        left = max(0.0, when - clock())
        self._loop.call_soon_threadsafe(self._loop.call_later, left, self._health.tick)

    def _send(self, report: CheckVerdict | ChecksFresh) -> None:
        for message in [report] if isinstance(report, CheckVerdict) else fresh_results(report):
            self._channel.send(message)
