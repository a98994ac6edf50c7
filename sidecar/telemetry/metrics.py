"""Counters, histograms and the exposition. Gauges come from the snapshot at every scrape."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from sidecar.channel.down import Totals
from sidecar.core.health.params import CheckParams
from sidecar.core.hook import Hook, HookResult
from sidecar.core.router.transitions import TRANSITIONS
from sidecar.core.state import Adoption
from sidecar.telemetry import label_values
from sidecar.telemetry.keepalived_names import KeepalivedNames
from sidecar.telemetry.metric import Kind
from sidecar.telemetry.metric_table import BY_NAME, METRICS, PREFIX
from sidecar.telemetry.process_metrics import ProcessCollector
from sidecar.telemetry.router_totals import RouterTotals
from sidecar.telemetry.series import Series
from sidecar.telemetry.snapshot_collector import SnapshotCollector
from sidecar.telemetry.status_store import StatusStore

ROUTER: Final = (
    "vrrp_transitions_total",
    "vrrp_adoptions_total",
    "vrrp_adverts_sent_total",
    "vrrp_adverts_received_total",
    "vrrp_priority_zero_sent_total",
    "vrrp_priority_zero_received_total",
    "vrrp_adverts_dropped_total",
    "vrrp_advert_interarrival_seconds",
    "timer_lateness_seconds",
    "vip_external_changes_total",
    "announcements_sent_total",
    "takeover_duration_seconds",
    "errors_total",
)
"""Metrics that the router counts. `errors_total` is counted here, too."""


class Metrics:
    """All metrics of one process. Counting is safe from any thread and takes microseconds."""

    def __init__(
        self,
        routers: Iterable[str],
        checks: Iterable[CheckParams],
        status_store: StatusStore,
        log_dropped: Callable[[], int] = lambda: 0,
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=False)
        self._rendering = threading.Lock()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        # A count for every packet must not look for its labels every time.
        self._counting: dict[tuple[str, ...], Counter] = {}
        self._series = Series()
        for metric in METRICS:
            name = PREFIX + metric.name
            # The number of dropped lines is kept by the log itself.
            if metric.name in ROUTER:
                continue
            if metric.kind is Kind.COUNTER and metric.labels:
                self._counters[metric.name] = Counter(
                    name, metric.help, metric.labels, registry=self._registry
                )
            elif metric.kind is Kind.HISTOGRAM:
                self._histograms[metric.name] = Histogram(
                    name, metric.help, metric.labels, buckets=metric.buckets, registry=self._registry
                )
        self._totals = RouterTotals(ROUTER, self._series.add)
        self._registry.register(self._totals)
        self._registry.register(SnapshotCollector(status_store, log_dropped))
        self._registry.register(ProcessCollector(lambda: status_store.processes))
        self._keepalived = KeepalivedNames(status_store, self._totals.counts)
        self._keepalived_shown = False
        self.prepare(tuple(routers), checks)

    def prepare(self, routers: tuple[str, ...], checks: Iterable[CheckParams]) -> None:
        """Make every label set that these can lead to exist at 0. Existing numbers are kept."""
        for name in (
            "vrrp_adverts_sent_total",
            "vrrp_adverts_received_total",
            "vrrp_priority_zero_sent_total",
            "vrrp_priority_zero_received_total",
            "vrrp_advert_interarrival_seconds",
        ):
            self._exist(name, product(routers))
        for (old, new), reasons in TRANSITIONS.items():
            self._exist("vrrp_transitions_total", product(routers, [old], [new], reasons))
        self._exist("vrrp_adoptions_total", product(routers, Adoption))
        self._exist("vrrp_adverts_dropped_total", product([*routers, ""], label_values.DROPS))
        self._exist("vip_external_changes_total", product(routers, label_values.VIP_CHANGES))
        self._exist("announcements_sent_total", product(routers, label_values.PROTOCOLS))
        self._exist("takeover_duration_seconds", product(routers, label_values.PHASES))
        self._exist("timer_lateness_seconds", product(label_values.TIMERS))
        self._exist("errors_total", label_values.ERRORS)
        for check in checks:
            self._exist("check_results_total", product([check.name], [check.kind], label_values.RESULTS))
            self._exist("check_duration_seconds", [(check.name, check.kind)])
            if check.kind == "container":
                self._exist("container_restarts_total", product([check.name], label_values.RESTARTS))
            if check.kind == "http":
                self._exist("check_phase_duration_seconds", product([check.name], label_values.CHECK_PHASES))

    def prepare_pools(self, pools: Iterable[str]) -> None:
        """Make every label set of these pools exist at 0."""
        names = tuple(pools)
        self._exist("pool_check_results_total", product(names, label_values.RESULTS))
        self._exist("pool_server_changes_total", product(names, label_values.VERDICTS))
        self._exist("pool_reloads_total", product(names, label_values.RELOADS))
        self._exist("pool_check_duration_seconds", product(names))
        self._exist("pool_rollout_duration_seconds", product(names))
        self._exist("nginx_reloads_total", product(label_values.NGINX_RELOADS))

    def prepare_hooks(self, hooks: Iterable[Hook]) -> None:
        """Make every label set of these hooks exist at 0."""
        self._exist("hook_runs_total", product(hooks, HookResult))

    def show_keepalived_names(self, shown: bool) -> None:
        """Show what we have under the names of the common keepalived exporter, too, or no more."""
        if shown == self._keepalived_shown:
            return
        with self._rendering:
            (self._registry.register if shown else self._registry.unregister)(self._keepalived)
            self._keepalived_shown = shown

    def exchange(self, label: str, names: Iterable[str]) -> None:
        """Let there be series of these names only: `label` is router, check or pool.

        The series of names that are gone disappear, and what is still counted for them is left out. Those of
        names that stay go on. `prepare` and `prepare_pools` make those of new names exist. A check that
        becomes one of another kind is gone, and new afterwards.
        """
        with self._rendering:
            for name, labels in self._series.exchange(label, names):
                if name in ROUTER:
                    self._totals.remove(name, labels)
                    continue
                self._counting.pop((name, *labels), None)
                family = self._counters.get(name) or self._histograms[name]
                with suppress(KeyError):
                    family.remove(*labels)

    def count(self, name: str, *labels: str, amount: int = 1) -> None:
        """Add to a counter. `labels` are in the order of the table."""
        key = (name, *labels)
        counter = self._counting.get(key)
        if counter is None:
            if not self._series.add(name, labels):
                return
            counter = self._counting[key] = self._counters[name].labels(*labels)
        counter.inc(amount)

    def observe(self, name: str, *labels: str, seconds: float) -> None:
        """Add an observation to a histogram. `labels` are in the order of the table."""
        if self._series.add(name, labels):
            self._histograms[name].labels(*labels).observe(seconds)

    def error(self, component: str, reason: str) -> None:
        """Count something that went wrong."""
        self._totals.add("errors_total", component, reason)

    def take(self, totals: Totals) -> None:
        """Show from now on what the router has counted so far."""
        self._totals.take(totals)

    def expose(self, accept: str = "") -> tuple[str, bytes]:
        """Return content type and body: OpenMetrics if the Accept header asks for it, else plain text."""
        encode, content_type = _encoder(accept)
        # One scrape at a time: every thread that computes is one more that the loop must wait for.
        with self._rendering:
            return content_type, encode(self._registry)

    def _exist(self, name: str, label_sets: Iterable[tuple[str, ...]]) -> None:
        if name in ROUTER:
            self._totals.exist(name, label_sets)
            return
        family = self._counters[name] if BY_NAME[name].kind is Kind.COUNTER else self._histograms[name]
        for labels in label_sets:
            if self._series.add(name, labels):
                family.labels(*labels)


def _encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    """Return what writes the format that is asked for: plain text where the words make no sense."""
    try:
        return choose_encoder(accept)
    except Exception:  # noqa: BLE001 - the library takes versions for numbers, and anybody may ask
        return choose_encoder("")
