"""Gauges, read from the status store at the moment of the scrape: they cannot lag behind the status page."""

from collections.abc import Callable, Iterator
from itertools import product

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.pool.rollout import RolloutState
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.core.pool.upstream import Mode
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.lan.finding import LanKind
from sidecar.telemetry.metric import Kind
from sidecar.telemetry.metric_table import BY_NAME, METRICS, PREFIX
from sidecar.telemetry.status_store import StatusStore, View

_Sample = tuple[str, tuple[str, ...], float]


class SnapshotCollector(Collector):
    """The collector that prometheus_client asks at every scrape."""

    def __init__(self, status_store: StatusStore, log_dropped: Callable[[], int]) -> None:
        self._status_store = status_store
        self._log_dropped = log_dropped

    def collect(self) -> Iterator[Family]:
        """Yield every gauge of the table. Before the first snapshot most of them have no sample."""
        families = {
            metric.name: GaugeMetricFamily(PREFIX + metric.name, metric.help, labels=metric.labels)
            for metric in METRICS
            if metric.kind is Kind.GAUGE
        }
        for name, labels, value in self._samples():
            families[name].add_metric(labels, value)
        yield from families.values()
        for name, number in self._counters():
            counter = BY_NAME[name]
            yield CounterMetricFamily(PREFIX + counter.name, counter.help, value=number)

    def _counters(self) -> Iterator[tuple[str, int]]:
        """Yield what others count."""
        processes = self._status_store.processes
        router = None if processes is None else processes.router
        yield "log_dropped_total", self._log_dropped()
        yield "observer_restarts_total", 0 if processes is None else processes.observer.restarts
        yield "channel_lines_lost_total", 0 if router is None else router.lost
        yield "channel_malformed_total", 0 if router is None else router.malformed

    def _samples(self) -> Iterator[_Sample]:
        status_store = self._status_store
        yield "build_info", (status_store.version, status_store.revision), 1
        yield "config_last_reload_successful", (), status_store.config_reload_ok
        yield "config_shared_hash", (), status_store.config_shared_hash
        yield "maintenance", (), status_store.maintenance
        if status_store.docker_connected is not None:
            yield "docker_connected", (), status_store.docker_connected
        for pool in status_store.pools:
            yield from _pool(pool)
        view = status_store.view()
        if view is None:
            return
        yield "loop_beat_age_seconds", (), view.beat_age
        for router in view.snapshot.routers:
            yield from _router(router, view)
        overheard = {(each.router, each.kind) for each in view.lan_findings}
        for router, kind in product(view.snapshot.routers, LanKind):
            yield "vrrp_lan_findings", (router.name, kind), (router.name, kind) in overheard
        for hook in view.hooks:
            yield "hook_failing", (hook.router, hook.hook), hook.failing
        for check in view.snapshot.checks:
            yield from _check(check)


def _router(router: RouterSnapshot, view: View) -> Iterator[_Sample]:
    name = (router.name,)
    facts = (str(router.vrid), f"ipv{router.family}", str(router.version), router.mode)
    yield "vrrp_info", (router.name, router.interface, *facts), 1
    for state in State:
        yield "vrrp_state", (router.name, state), view.believed and router.state is state
    yield "vrrp_last_transition_timestamp_seconds", name, view.at_wall(router.since)
    yield "vrrp_priority_configured", name, router.priority
    yield "vrrp_priority_effective", name, router.effective_priority
    held = router.held_until
    yield "vrrp_hold_down_seconds", name, 0 if held is None else max(0.0, held - view.now)
    yield "vrrp_cannot_send", name, bool(router.cannot_send)
    yield "vrrp_refused_senders", name, len({each.source for each in router.mismatches if each.refused})
    yield "vrrp_masters_observed", name, router.masters_observed
    yield "vrrp_master_down_interval_seconds", name, router.master_down_interval
    if router.master is not None:
        yield "vrrp_master_priority", name, router.master.priority
        yield "vrrp_master_last_advert_age_seconds", name, view.heard_ago(router.master.heard_at)
    for vip in router.vips:
        yield "vip_desired", (router.name, str(vip)), router.desired
        yield "vip_owned", (router.name, str(vip)), view.believed and vip in router.owned


def _check(check: CheckSnapshot) -> Iterator[_Sample]:
    if check.up is not None:
        yield "check_up", (check.name, check.kind), check.up
    if check.certificate_expires is not None:
        yield "check_certificate_expiry_timestamp_seconds", (check.name,), check.certificate_expires


def _pool(pool: PoolSnapshot) -> Iterator[_Sample]:
    verdicts = [server.up for server in pool.servers]
    for server in pool.servers:
        if server.up is not None:
            yield "pool_server_up", (pool.name, server.address), server.up
        yield "pool_server_in_service", (pool.name, server.address), server.in_service
    for word, verdict in (("up", True), ("down", False), ("unknown", None)):
        yield "pool_servers", (pool.name, word), verdicts.count(verdict)
    for mode in Mode:
        yield "pool_mode", (pool.name, mode), pool.mode is mode
    for state in RolloutState:
        yield "pool_state", (pool.name, state), pool.state == state
    yield "pool_generation", (pool.name,), pool.generation
