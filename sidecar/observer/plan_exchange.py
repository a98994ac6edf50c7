"""Another plan for an observer at work: collected, tried where it can be refused, and exchanged at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.channel.down import PlanPiece
from sidecar.channel.malformed import Malformed
from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.reload import Abandon, Commit, Exchange, Exchanged, Prepared
from sidecar.checks.health_keeper import HealthKeeper
from sidecar.checks.runner import CheckRunner
from sidecar.core.health.params import CheckParams
from sidecar.observer.hooks import HookKeeper
from sidecar.observer.lan_watch import LanWatch
from sidecar.observer.node_watch import NodeWatch
from sidecar.observer.picture import Picture
from sidecar.plan.plan import ObserverPlan
from sidecar.plan.rules import Rulebook
from sidecar.pools.pool_runner import PoolRunner
from sidecar.telemetry.log import LogOutput
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.pool_reporter import PoolReporter
from sidecar.telemetry.reporter import Reporter
from sidecar.telemetry.servers import StatusServers, Where
from sidecar.telemetry.status_store import StatusStore

Message = Exchange | CheckParams | PlanPiece | Commit | Abandon


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of an observer that a plan is about."""

    output: LogOutput
    status_store: StatusStore
    metrics: Metrics
    reporter: Reporter
    pool_reporter: PoolReporter
    picture: Picture
    servers: StatusServers
    health: HealthKeeper
    runner: CheckRunner
    keeper: PoolRunner
    nodes: NodeWatch
    hooks: HookKeeper
    lan: LanWatch


@dataclass(slots=True)
class _Incoming:
    """A plan that arrives piece by piece."""

    number: int
    checks: int
    rules: list[CheckParams] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)

    def plan(self) -> ObserverPlan:
        """Return the plan. Raises Malformed."""
        if len(self.rules) != self.checks:
            raise Malformed(f"{len(self.rules)} checks came, not {self.checks}")
        return OBSERVER_PLAN.decode(bytes(self.data))


class PlanExchange:
    """For the thread of the loop. `plan` and `rules` count until a Commit; `send` answers the router."""

    def __init__(
        self,
        parts: Parts,
        plan: ObserverPlan,
        rules: tuple[CheckParams, ...],
        send: Callable[[Prepared | Exchanged], None],
    ) -> None:
        self._parts = parts
        self._plan = plan
        self._rules = rules
        self._send = send
        self._loop = asyncio.get_running_loop()
        # Listening may wait for a name, and its end for a thread. One after the other.
        self._servers = ThreadPoolExecutor(1, "listeners")
        self._incoming: _Incoming | None = None
        self._ready: tuple[int, ObserverPlan, tuple[CheckParams, ...]] | None = None

    def take(self, message: Message) -> None:
        """Take the next message about plans."""
        match message:
            case Exchange(number, checks):
                self._incoming, self._ready = _Incoming(number, checks), None
            case CheckParams() if self._incoming is not None:
                self._incoming.rules.append(message)
            case PlanPiece(data, last) if self._incoming is not None:
                self._incoming.data += data
                if last:
                    self._whole(self._incoming)
            case Commit(number) if self._ready is not None and number == self._ready[0]:
                _, plan, rules = self._ready
                self._commit(number, plan, rules)
            case Abandon():
                self._incoming = self._ready = None
                self._servers.submit(self._parts.servers.abandon)
            case _:
                pass  # of a plan that was meant for an observer before this one

    def close(self) -> None:
        """Wait for nothing."""
        self._servers.shutdown(wait=False, cancel_futures=True)

    def _whole(self, incoming: _Incoming) -> None:
        self._incoming = None
        try:
            plan = incoming.plan()
        except Malformed as error:
            self._send(Prepared(incoming.number, f"the new plan did not reach the observer: {error}"))
            return
        self._ready = incoming.number, plan, tuple(incoming.rules)
        opening = self._servers.submit(self._parts.servers.open, places(plan))
        opening.add_done_callback(
            lambda done: self._loop.call_soon_threadsafe(self._send, Prepared(incoming.number, done.result()))
        )

    def _commit(self, number: int, plan: ObserverPlan, rules: tuple[CheckParams, ...]) -> None:
        parts, old, self._ready = self._parts, self._plan, None
        before = {rule.name: rule.kind for rule in self._rules}
        replaced = {rule.name for rule in rules if before.get(rule.name, rule.kind) != rule.kind}
        self._plan, self._rules = plan, rules
        parts.output.exchange(plan.log, plan.node)
        self._exchange_metrics(plan, rules, replaced)
        if replaced:
            # A check of another kind has nothing of the one that had its name.
            parts.health.forget(replaced)
            parts.runner.exchange([each for each in plan.checks if each.name not in replaced], plan.docker)
        parts.health.exchange(rules, lambda: self._counted(number))
        parts.runner.exchange(plan.checks, plan.docker)
        parts.keeper.exchange(plan.pools, plan.docker)
        parts.nodes.exchange(plan.nodes)
        parts.hooks.exchange(plan.hooks)
        parts.lan.exchange(plan.routers)
        parts.picture.exchange(plan.node, len(plan.routers), len(rules))
        self._servers.submit(parts.servers.commit)
        parts.status_store.rules = Rulebook(plan.rules, rules, plan.sync_groups)
        self._describe(old, plan)

    def _counted(self, number: int) -> None:
        """Called while no result is told: what was told before goes out before this."""
        self._loop.call_soon_threadsafe(self._send, Exchanged(number))

    def _exchange_metrics(
        self, new: ObserverPlan, rules: tuple[CheckParams, ...], replaced: set[str]
    ) -> None:
        metrics, names = self._parts.metrics, [rule.name for rule in rules]
        pools = [pool.name for pool in new.pools]
        metrics.exchange("router", new.routers)
        metrics.exchange("check", [name for name in names if name not in replaced])
        metrics.exchange("check", names)
        metrics.exchange("pool", pools)
        metrics.prepare(new.routers, rules)
        metrics.prepare_pools(pools)
        metrics.show_keepalived_names(new.metrics.keepalived_names)
        self._parts.reporter.keep(names)
        self._parts.pool_reporter.keep(pools)

    def _describe(self, old: ObserverPlan, new: ObserverPlan) -> None:
        status_store = self._parts.status_store
        status_store.config_hash, status_store.config_shared_hash = new.shared_hash, int(new.shared_hash, 16)
        if new.docker is None:
            status_store.docker_connected = None
            status_store.settled("docker")
        elif old.docker is None:
            status_store.docker_connected = False


def places(plan: ObserverPlan) -> tuple[Where, ...]:
    """Return where the status servers of a plan listen."""
    return Path(plan.control.socket), plan.http.listen
